// Causal population that sends several spikes in a time step, or negative ones: add charge and bias, which holds
// -lowest * threshold too, divide, emit.
#ifndef ISOSPIKE_CAUSAL_DIVIDING_H_
#define ISOSPIKE_CAUSAL_DIVIDING_H_

#include "divide.h"

namespace isospike {

template <class data_T, class res_T, typename CONFIG_T>
void causal_dividing(data_T spikes_in[CONFIG_T::n_spikes_in], res_T spikes_out[CONFIG_T::n_spikes_out],
                     typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                     typename CONFIG_T::multiple_t multiples[CONFIG_T::n_multiples],
                     typename CONFIG_T::offset_t initial_potential[CONFIG_T::n_padded],
                     typename CONFIG_T::step_bias_t step_bias[CONFIG_T::n_padded]) {
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=multiples block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=initial_potential block factor=CONFIG_T::n_lanes
    #pragma HLS ARRAY_RESHAPE variable=step_bias block factor=CONFIG_T::n_lanes
    typename CONFIG_T::potential_t charge[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=charge complete dim=2
    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=potential complete dim=2
    ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=level complete dim=2
    unsigned first_in = 0;
    unsigned first_out = 0;
    start_causal<data_T, CONFIG_T>(spikes_in, weights, initial_potential, step_bias, charge, potential);
CausalSteps:
    for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {
        charge_step<data_T, CONFIG_T>(spikes_in, first_in, weights, step_bias, charge, potential);
        divide<CONFIG_T>(potential, multiples, level);
        emit_step<res_T, CONFIG_T>(level, step, spikes_out, first_out);
        first_in += CONFIG_T::n_sources;
        first_out += CONFIG_T::n_neurons;
    }
}

} // namespace isospike

#endif
