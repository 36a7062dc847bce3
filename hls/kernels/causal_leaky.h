// Leaky causal population: after charge and bias of a time step one positive pass with one threshold, then one negative
// pass with another.
#ifndef ISOSPIKE_CAUSAL_LEAKY_H_
#define ISOSPIKE_CAUSAL_LEAKY_H_

#include "causal_charge.h"

namespace isospike {

// Where V >= threshold: V = V - threshold and the spike is 1. Where then V + negative threshold < 0: V = V + negative
// threshold and the spike is -1.
template <class res_T, typename CONFIG_T>
void fire_both_ways(typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes],
                    typename CONFIG_T::threshold_t threshold[CONFIG_T::n_padded],
                    typename CONFIG_T::negative_threshold_t negative_threshold[CONFIG_T::n_padded],
                    res_T spikes[CONFIG_T::n_spikes_out], unsigned first_spike) {
    #pragma HLS INLINE
    unsigned neuron = 0;
    unsigned position = first_spike;
FireGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
        unsigned index = group;
    FireLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            ap_int<2> spike = 0;
            if (potential[group][lane] >= threshold[index]) {
                potential[group][lane] -= threshold[index];
                spike = 1;
            }
            if (potential[group][lane] + negative_threshold[index] < 0) {
                potential[group][lane] += negative_threshold[index];
                spike = -1;
            }
            if (neuron < CONFIG_T::n_neurons) {
                spikes[position] = spike;
            }
            index += CONFIG_T::n_groups;
            neuron++;
            position++;
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void causal_leaky(data_T spikes_in[CONFIG_T::n_spikes_in], res_T spikes_out[CONFIG_T::n_spikes_out],
                  typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                  typename CONFIG_T::threshold_t threshold[CONFIG_T::n_padded],
                  typename CONFIG_T::negative_threshold_t negative_threshold[CONFIG_T::n_padded],
                  typename CONFIG_T::offset_t initial_potential[CONFIG_T::n_padded],
                  typename CONFIG_T::step_bias_t step_bias[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=threshold block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=negative_threshold block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=initial_potential block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=step_bias block factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t charge[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=charge complete dim=2
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    unsigned first_in = 0;
    unsigned first_out = 0;
    start_causal<data_T, CONFIG_T>(spikes_in, weights, initial_potential, step_bias, charge, potential);
CausalSteps:
    for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {
        charge_step<data_T, CONFIG_T>(spikes_in, first_in, weights, step_bias, charge, potential);
        fire_both_ways<res_T, CONFIG_T>(potential, threshold, negative_threshold, spikes_out, first_out);
        first_in += CONFIG_T::n_sources;
        first_out += CONFIG_T::n_neurons;
    }
}

} // namespace isospike

#endif
