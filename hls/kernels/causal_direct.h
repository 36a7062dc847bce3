// Causal population behind direct input: the planes of the pixels are accumulated once, with the bias, into a charge
// register that is added at every time step; then compare, soft-reset, emit.
#ifndef ISOSPIKE_CAUSAL_DIRECT_H_
#define ISOSPIKE_CAUSAL_DIRECT_H_

#include "fire.h"

namespace isospike {

// V = V + charge.
template <typename CONFIG_T>
void add_charge(typename CONFIG_T::potential_t charge[CONFIG_T::n_groups][CONFIG_T::n_lanes],
                typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
ChargeGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
    ChargeLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            potential[group][lane] += charge[group][lane];
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void causal_direct(data_T spikes_in[CONFIG_T::n_spikes_in], res_T spikes_out[CONFIG_T::n_spikes_out],
                   typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                   typename CONFIG_T::threshold_t threshold[CONFIG_T::n_padded],
                   typename CONFIG_T::offset_t initial_potential[CONFIG_T::n_padded],
                   typename CONFIG_T::step_bias_t step_bias[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=threshold block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=initial_potential block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=step_bias block factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t charge[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=charge complete dim=2
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    typename CONFIG_T::subtracted_t subtracted[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=subtracted complete dim=2
    unsigned first_out = 0;
    load_thresholds<CONFIG_T>(threshold, subtracted);
    clear_potentials<CONFIG_T>(potential);
    add_constants<typename CONFIG_T::offset_t, CONFIG_T>(initial_potential, potential);
    accumulate_all<data_T, CONFIG_T>(spikes_in, weights, charge);
    add_constants<typename CONFIG_T::step_bias_t, CONFIG_T>(step_bias, charge);
CausalSteps:
    for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {
        add_charge<CONFIG_T>(charge, potential);
        fire_step<res_T, CONFIG_T>(potential, subtracted, spikes_out, first_out);
        first_out += CONFIG_T::n_neurons;
    }
}

} // namespace isospike

#endif
