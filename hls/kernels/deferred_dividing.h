// Deferred population that decides by division: adds all charge and the offset, which holds -lowest * threshold too, finds
// the level, then sends it: as a count, or signed as a packed train or as bit planes.
#ifndef ISOSPIKE_DEFERRED_DIVIDING_H_
#define ISOSPIKE_DEFERRED_DIVIDING_H_

#include "divide.h"

namespace isospike {

template <class data_T, class res_T, typename CONFIG_T>
void deferred_dividing(data_T spikes_in[CONFIG_T::n_spikes_in], res_T spikes_out[CONFIG_T::n_spikes_out],
                       typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                       typename CONFIG_T::multiple_t multiples[CONFIG_T::n_multiples],
                       typename CONFIG_T::offset_t offset[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=multiples block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=offset block factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=level complete dim=2
    unsigned first_out = 0;
    accumulate_all<data_T, CONFIG_T>(spikes_in, weights, potential);
    add_constants<typename CONFIG_T::offset_t, CONFIG_T>(offset, potential);
    divide<CONFIG_T>(potential, multiples, level);
EmitSteps:
    for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {
        emit_step<res_T, CONFIG_T>(level, step, spikes_out, first_out);
        first_out += CONFIG_T::n_neurons;
    }
}

} // namespace isospike

#endif
