// Readout of pooled maps, or of several sources: adds all charge and the offset; its potentials are the scores.
#ifndef ISOSPIKE_READOUT_MAP_H_
#define ISOSPIKE_READOUT_MAP_H_

#include "map_decide.h"

namespace isospike {

template <class data_T, class res_T, typename CONFIG_T>
void readout_map(data_T spikes_in[CONFIG_T::first::n_spikes_in], res_T scores[CONFIG_T::n_neurons],
                 typename CONFIG_T::first::weight_t weights[CONFIG_T::first::n_weights],
                 typename CONFIG_T::offset_t offset[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=offset cyclic factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    unsigned channel = 0;
    charge_frame<data_T, CONFIG_T>(spikes_in, weights, potential);
    add_map_constants<typename CONFIG_T::offset_t, CONFIG_T::n_padded, CONFIG_T>(offset, potential);
ScoreCells:
    for (unsigned cell = 0; cell < CONFIG_T::n_groups; cell++) {
        #pragma HLS PIPELINE II=1
    ScoreLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            if (channel < CONFIG_T::n_channels_out) {
                scores[channel] = potential[cell][lane];
            }
            channel++;
        }
    }
}

// Of two sources.
template <class data_T, class second_T, class res_T, typename CONFIG_T>
void readout_map_of_two(data_T spikes_in[CONFIG_T::first::n_spikes_in], second_T second_in[CONFIG_T::second::n_spikes_in],
                        res_T scores[CONFIG_T::n_neurons],
                        typename CONFIG_T::first::weight_t weights[CONFIG_T::first::n_weights],
                        typename CONFIG_T::second::weight_t second_weights[CONFIG_T::second::n_weights],
                        typename CONFIG_T::offset_t offset[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=second_weights cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=offset cyclic factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    unsigned channel = 0;
    charge_frame_of_two<data_T, second_T, CONFIG_T>(spikes_in, second_in, weights, second_weights, potential);
    add_map_constants<typename CONFIG_T::offset_t, CONFIG_T::n_padded, CONFIG_T>(offset, potential);
ScoreCells:
    for (unsigned cell = 0; cell < CONFIG_T::n_groups; cell++) {
        #pragma HLS PIPELINE II=1
    ScoreLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            if (channel < CONFIG_T::n_channels_out) {
                scores[channel] = potential[cell][lane];
            }
            channel++;
        }
    }
}

} // namespace isospike

#endif
