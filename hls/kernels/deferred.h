// Deferred population: adds all charge and the offset, then sends clip(floor(V / threshold), 0, levels).
#ifndef ISOSPIKE_DEFERRED_H_
#define ISOSPIKE_DEFERRED_H_

#include "fire.h"

namespace isospike {

template <class data_T, class res_T, typename CONFIG_T>
void deferred(data_T spikes_in[CONFIG_T::n_spikes_in], res_T spikes_out[CONFIG_T::n_spikes_out],
              typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
              typename CONFIG_T::threshold_t threshold[CONFIG_T::n_padded],
              typename CONFIG_T::offset_t offset[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=threshold block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=offset block factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    accumulate_all<data_T, CONFIG_T>(spikes_in, weights, potential);
    add_constants<typename CONFIG_T::offset_t, CONFIG_T>(offset, potential);
    fire_all<res_T, CONFIG_T>(potential, threshold, spikes_out);
}

} // namespace isospike

#endif
