// Causal population of a map, or of several sources: adds the charge of a time step and its bias, which holds
// -lowest * threshold too, divides, sends. The charge of direct input is found once and added at every step with the bias.
#ifndef ISOSPIKE_CAUSAL_MAP_H_
#define ISOSPIKE_CAUSAL_MAP_H_

#include "causal_map_charge.h"

namespace isospike {

// The decisions of all neurons in one time step.
template <typename CONFIG_T>
void divide_map(typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes],
                typename CONFIG_T::multiple_t multiples[CONFIG_T::n_multiples],
                ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_cells_out][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned cell = 0;
DividePositions:
    for (unsigned position = 0; position < CONFIG_T::n_positions_out; position++) {
        unsigned first_channel = 0;
    DivideChannels:
        for (unsigned channels = 0; channels < CONFIG_T::n_channel_passes; channels++) {
            divide_cell<CONFIG_T>(potential[cell], multiples, first_channel, level[cell]);
            first_channel += CONFIG_T::n_lanes;
            cell++;
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void causal_map(data_T spikes_in[CONFIG_T::first::n_spikes_in], res_T spikes_out[CONFIG_T::n_spikes_out],
                typename CONFIG_T::first::weight_t weights[CONFIG_T::first::n_weights],
                typename CONFIG_T::multiple_t multiples[CONFIG_T::n_multiples],
                typename CONFIG_T::offset_t initial_potential[CONFIG_T::n_starts],
                typename CONFIG_T::step_bias_t step_bias[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=multiples cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=initial_potential cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=step_bias cyclic factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t charge[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=charge complete dim=2
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_cells_out][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=level complete dim=2
    unsigned first_out = 0;
    unsigned first_spike = 0;
    start_causal_map<CONFIG_T>(initial_potential, potential);
    if (CONFIG_T::source_is_direct) {
        charge_planes<data_T, CONFIG_T>(spikes_in, weights, charge);
        add_step_bias<CONFIG_T>(step_bias, charge);
    }
CausalSteps:
    for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {
        charge_train_step<data_T, typename CONFIG_T::first>(spikes_in, first_spike, weights, potential);
        add_step_constants<CONFIG_T>(charge, step_bias, potential);
        divide_map<CONFIG_T>(potential, multiples, level);
        emit_map_step<res_T, CONFIG_T>(level, step, spikes_out, first_out);
        first_spike += CONFIG_T::first::n_sources;
        first_out += CONFIG_T::n_neurons;
    }
}

// Of two sources.
template <class data_T, class second_T, class res_T, typename CONFIG_T>
void causal_map_of_two(data_T spikes_in[CONFIG_T::first::n_spikes_in], second_T second_in[CONFIG_T::second::n_spikes_in],
                       res_T spikes_out[CONFIG_T::n_spikes_out],
                       typename CONFIG_T::first::weight_t weights[CONFIG_T::first::n_weights],
                       typename CONFIG_T::second::weight_t second_weights[CONFIG_T::second::n_weights],
                       typename CONFIG_T::multiple_t multiples[CONFIG_T::n_multiples],
                       typename CONFIG_T::offset_t initial_potential[CONFIG_T::n_starts],
                       typename CONFIG_T::step_bias_t step_bias[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=second_weights cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=multiples cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=initial_potential cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=step_bias cyclic factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t charge[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=charge complete dim=2
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_cells_out][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=level complete dim=2
    unsigned first_out = 0;
    unsigned first_spike = 0;
    unsigned second_spike = 0;
    start_causal_map<CONFIG_T>(initial_potential, potential);
    if (CONFIG_T::source_is_direct) {
        charge_planes_of_two<data_T, second_T, CONFIG_T>(spikes_in, second_in, weights, second_weights, charge);
        add_step_bias<CONFIG_T>(step_bias, charge);
    }
CausalSteps:
    for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {
        charge_train_step<data_T, typename CONFIG_T::first>(spikes_in, first_spike, weights, potential);
        charge_train_step<second_T, typename CONFIG_T::second>(second_in, second_spike, second_weights, potential);
        add_step_constants<CONFIG_T>(charge, step_bias, potential);
        divide_map<CONFIG_T>(potential, multiples, level);
        emit_map_step<res_T, CONFIG_T>(level, step, spikes_out, first_out);
        first_spike += CONFIG_T::first::n_sources;
        second_spike += CONFIG_T::second::n_sources;
        first_out += CONFIG_T::n_neurons;
    }
}

} // namespace isospike

#endif
