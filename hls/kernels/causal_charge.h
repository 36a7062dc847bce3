// What a causal population receives in one time step: the spikes of that step and its bias, or, behind direct input, a
// charge register that was filled once from the planes of the pixels and holds the bias as well.
#ifndef ISOSPIKE_CAUSAL_CHARGE_H_
#define ISOSPIKE_CAUSAL_CHARGE_H_

#include "fire.h"

namespace isospike {

// What templates of hls/templates.py set for every causal population.
struct causal_config : firing_config {
    static const bool source_is_direct = false;   // the source is a constant charge of every time step
};

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

// V = V0; behind direct input charge = Σ weight · level + bias, else it is not used.
template <class data_T, typename CONFIG_T>
void start_causal(data_T spikes_in[CONFIG_T::n_spikes_in], typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                  typename CONFIG_T::offset_t initial_potential[CONFIG_T::n_padded],
                  typename CONFIG_T::step_bias_t step_bias[CONFIG_T::n_padded],
                  typename CONFIG_T::potential_t charge[CONFIG_T::n_groups][CONFIG_T::n_lanes],
                  typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    clear_potentials<CONFIG_T>(potential);
    add_constants<typename CONFIG_T::offset_t, CONFIG_T>(initial_potential, potential);
    if (CONFIG_T::source_is_direct) {
        accumulate_all<data_T, CONFIG_T>(spikes_in, weights, charge);
        add_constants<typename CONFIG_T::step_bias_t, CONFIG_T>(step_bias, charge);
    }
}

// V = V + charge and bias of one time step.
template <class data_T, typename CONFIG_T>
void charge_step(data_T spikes_in[CONFIG_T::n_spikes_in], unsigned first_in,
                 typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                 typename CONFIG_T::step_bias_t step_bias[CONFIG_T::n_padded],
                 typename CONFIG_T::potential_t charge[CONFIG_T::n_groups][CONFIG_T::n_lanes],
                 typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    if (CONFIG_T::source_is_direct) {
        add_charge<CONFIG_T>(charge, potential);
    } else {
        accumulate_step<data_T, CONFIG_T>(spikes_in, first_in, weights, potential);
        add_constants<typename CONFIG_T::step_bias_t, CONFIG_T>(step_bias, potential);
    }
}

} // namespace isospike

#endif
