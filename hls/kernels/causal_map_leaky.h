// Causal population of a map, or of several sources, whose negative spikes have a threshold of their own: adds the charge of
// a time step and its bias, compares with both thresholds, sends.
#ifndef ISOSPIKE_CAUSAL_MAP_LEAKY_H_
#define ISOSPIKE_CAUSAL_MAP_LEAKY_H_

#include "causal_map_charge.h"

namespace isospike {

// One time step: where V >= threshold: V = V - threshold and the spike is 1. Where then V + negative threshold < 0:
// V = V + negative threshold and the spike is -1.
template <class res_T, typename CONFIG_T>
void fire_map_both_ways(typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes],
                        typename CONFIG_T::threshold_t threshold[CONFIG_T::n_padded],
                        typename CONFIG_T::negative_threshold_t negative_threshold[CONFIG_T::n_padded],
                        res_T spikes[CONFIG_T::n_spikes_out], unsigned first_spike) {
    #pragma HLS INLINE
    unsigned cell = 0;
    unsigned first = first_spike;
FirePositions:
    for (unsigned position = 0; position < CONFIG_T::n_positions_out; position++) {
        unsigned channel = 0;
    FirePasses:
        for (unsigned pass = 0; pass < CONFIG_T::n_channel_passes; pass++) {
            #pragma HLS PIPELINE II=1
        FireLanes:
            for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
                #pragma HLS UNROLL
                ap_int<2> spike = 0;
                if (potential[cell][lane] >= threshold[channel]) {
                    potential[cell][lane] -= threshold[channel];
                    spike = 1;
                }
                if (potential[cell][lane] + negative_threshold[channel] < 0) {
                    potential[cell][lane] += negative_threshold[channel];
                    spike = -1;
                }
                if (channel < CONFIG_T::n_channels_out) {
                    spikes[first + channel] = spike;
                }
                channel++;
            }
            cell++;
        }
        first += CONFIG_T::n_channels_out;
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void causal_map_leaky(data_T spikes_in[CONFIG_T::first::n_spikes_in], res_T spikes_out[CONFIG_T::n_spikes_out],
                      typename CONFIG_T::first::weight_t weights[CONFIG_T::first::n_weights],
                      typename CONFIG_T::threshold_t threshold[CONFIG_T::n_padded],
                      typename CONFIG_T::negative_threshold_t negative_threshold[CONFIG_T::n_padded],
                      typename CONFIG_T::offset_t initial_potential[CONFIG_T::n_starts],
                      typename CONFIG_T::step_bias_t step_bias[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=threshold cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=negative_threshold cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=initial_potential cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=step_bias cyclic factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t charge[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=charge complete dim=2
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
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
        fire_map_both_ways<res_T, CONFIG_T>(potential, threshold, negative_threshold, spikes_out, first_out);
        first_spike += CONFIG_T::first::n_sources;
        first_out += CONFIG_T::n_neurons;
    }
}

// Of two sources.
template <class data_T, class second_T, class res_T, typename CONFIG_T>
void causal_map_leaky_of_two(data_T spikes_in[CONFIG_T::first::n_spikes_in], second_T second_in[CONFIG_T::second::n_spikes_in],
                             res_T spikes_out[CONFIG_T::n_spikes_out],
                             typename CONFIG_T::first::weight_t weights[CONFIG_T::first::n_weights],
                             typename CONFIG_T::second::weight_t second_weights[CONFIG_T::second::n_weights],
                             typename CONFIG_T::threshold_t threshold[CONFIG_T::n_padded],
                             typename CONFIG_T::negative_threshold_t negative_threshold[CONFIG_T::n_padded],
                             typename CONFIG_T::offset_t initial_potential[CONFIG_T::n_starts],
                             typename CONFIG_T::step_bias_t step_bias[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=second_weights cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=threshold cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=negative_threshold cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=initial_potential cyclic factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=step_bias cyclic factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t charge[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=charge complete dim=2
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
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
        fire_map_both_ways<res_T, CONFIG_T>(potential, threshold, negative_threshold, spikes_out, first_out);
        first_spike += CONFIG_T::first::n_sources;
        second_spike += CONFIG_T::second::n_sources;
        first_out += CONFIG_T::n_neurons;
    }
}

} // namespace isospike

#endif
