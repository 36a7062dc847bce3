// Readout: adds all charge and the offset; its potentials are the scores.
#ifndef ISOSPIKE_READOUT_H_
#define ISOSPIKE_READOUT_H_

#include "population.h"

namespace isospike {

template <class data_T, class res_T, typename CONFIG_T>
void readout(data_T spikes_in[CONFIG_T::n_spikes_in], res_T scores[CONFIG_T::n_neurons],
             typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
             typename CONFIG_T::offset_t offset[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=offset block factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    accumulate_all<data_T, CONFIG_T>(spikes_in, weights, potential);
    add_constants<typename CONFIG_T::offset_t, CONFIG_T>(offset, potential);
    unsigned neuron = 0;
ScoreGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
    ScoreLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            if (neuron < CONFIG_T::n_neurons) {
                scores[neuron] = potential[group][lane];
            }
            neuron++;
        }
    }
}

} // namespace isospike

#endif
