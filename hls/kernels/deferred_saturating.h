// Deferred population whose level count is no 2**planes - 1: V is held at (levels + 1) * threshold - 1 before bit planes
// are sent, so that no level above `levels` comes out.
#ifndef ISOSPIKE_DEFERRED_SATURATING_H_
#define ISOSPIKE_DEFERRED_SATURATING_H_

#include "fire.h"

namespace isospike {

// V = min(V, ceiling).
template <typename CONFIG_T>
void hold_at_ceiling(typename CONFIG_T::ceiling_t ceiling[CONFIG_T::n_padded],
                     typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
HoldGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
        unsigned index = group;
    HoldLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            if (potential[group][lane] > ceiling[index]) {
                potential[group][lane] = ceiling[index];
            }
            index += CONFIG_T::n_groups;
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void deferred_saturating(data_T spikes_in[CONFIG_T::n_spikes_in], res_T spikes_out[CONFIG_T::n_spikes_out],
                         typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                         typename CONFIG_T::threshold_t threshold[CONFIG_T::n_padded],
                         typename CONFIG_T::offset_t offset[CONFIG_T::n_padded],
                         typename CONFIG_T::ceiling_t ceiling[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=threshold block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=offset block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=ceiling block factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    accumulate_all<data_T, CONFIG_T>(spikes_in, weights, potential);
    add_constants<typename CONFIG_T::offset_t, CONFIG_T>(offset, potential);
    hold_at_ceiling<CONFIG_T>(ceiling, potential);
    fire_all<res_T, CONFIG_T>(potential, threshold, spikes_out);
}

} // namespace isospike

#endif
