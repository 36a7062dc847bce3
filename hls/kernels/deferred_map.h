// Deferred population of a map, or of several sources: adds all charge, takes the largest potential of each window of max
// pooling (of one position where there is none), adds the offset, which holds -lowest * threshold too, finds the level and
// sends it.
#ifndef ISOSPIKE_DEFERRED_MAP_H_
#define ISOSPIKE_DEFERRED_MAP_H_

#include "map_decide.h"

namespace isospike {

template <class data_T, class res_T, typename CONFIG_T>
void deferred_map(data_T spikes_in[CONFIG_T::first::n_spikes_in], res_T spikes_out[CONFIG_T::n_spikes_out],
                  typename CONFIG_T::first::weight_t weights[CONFIG_T::first::n_weights],
                  typename CONFIG_T::multiple_t multiples[CONFIG_T::n_multiples],
                  typename CONFIG_T::offset_t offset[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=multiples cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=offset cyclic factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_cells_out][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=level complete dim=2
    unsigned first_out = 0;
    charge_frame<data_T, CONFIG_T>(spikes_in, weights, potential);
    find_levels<CONFIG_T>(potential, multiples, offset, level);
EmitSteps:
    for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {
        emit_map_step<res_T, CONFIG_T>(level, step, spikes_out, first_out);
        first_out += CONFIG_T::n_neurons;
    }
}

// Of two sources.
template <class data_T, class second_T, class res_T, typename CONFIG_T>
void deferred_map_of_two(data_T spikes_in[CONFIG_T::first::n_spikes_in], second_T second_in[CONFIG_T::second::n_spikes_in],
                         res_T spikes_out[CONFIG_T::n_spikes_out],
                         typename CONFIG_T::first::weight_t weights[CONFIG_T::first::n_weights],
                         typename CONFIG_T::second::weight_t second_weights[CONFIG_T::second::n_weights],
                         typename CONFIG_T::multiple_t multiples[CONFIG_T::n_multiples],
                         typename CONFIG_T::offset_t offset[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=second_weights cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=multiples cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=offset cyclic factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_cells_out][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=level complete dim=2
    unsigned first_out = 0;
    charge_frame_of_two<data_T, second_T, CONFIG_T>(spikes_in, second_in, weights, second_weights, potential);
    find_levels<CONFIG_T>(potential, multiples, offset, level);
EmitSteps:
    for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {
        emit_map_step<res_T, CONFIG_T>(level, step, spikes_out, first_out);
        first_out += CONFIG_T::n_neurons;
    }
}

} // namespace isospike

#endif
