// What every causal population of a map does whatever it fires: the start of a frame, and the constants of a time step.
#ifndef ISOSPIKE_CAUSAL_MAP_CHARGE_H_
#define ISOSPIKE_CAUSAL_MAP_CHARGE_H_

#include "map_decide.h"

namespace isospike {

template <typename CONFIG_T>
void start_causal_map(typename CONFIG_T::offset_t initial_potential[CONFIG_T::n_starts],
                      typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    clear_potentials<CONFIG_T>(potential);
    add_map_constants<typename CONFIG_T::offset_t, CONFIG_T::n_starts, CONFIG_T>(initial_potential, potential);
}

template <typename CONFIG_T>
void add_step_bias(typename CONFIG_T::step_bias_t step_bias[CONFIG_T::n_padded],
                   typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    add_map_constants<typename CONFIG_T::step_bias_t, CONFIG_T::n_padded, CONFIG_T>(step_bias, potential);
}

// The bias, with the charge of direct input, which holds it already.
template <typename CONFIG_T>
void add_step_constants(typename CONFIG_T::potential_t charge[CONFIG_T::n_groups][CONFIG_T::n_lanes],
                        typename CONFIG_T::step_bias_t step_bias[CONFIG_T::n_padded],
                        typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    if (CONFIG_T::source_is_direct) {
        add_charge<CONFIG_T>(charge, potential);
    } else {
        add_step_bias<CONFIG_T>(step_bias, potential);
    }
}

} // namespace isospike

#endif
