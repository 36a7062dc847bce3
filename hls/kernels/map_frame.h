// The charge of a frame from one source or from two: bit planes first, aligned at the least significant one, then
// the time steps of a source that sends no planes.
#ifndef ISOSPIKE_MAP_FRAME_H_
#define ISOSPIKE_MAP_FRAME_H_

#include "map_synapses.h"

namespace isospike {

// The plane of a source that `planes_left` planes, itself among them, are still to come with; it may have none.
template <class data_T, typename CONFIG_T>
void charge_plane(data_T spikes[CONFIG_T::n_spikes_in], unsigned planes_left, unsigned &first_spike,
                  typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                  typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    if (CONFIG_T::source_is_bits && planes_left <= CONFIG_T::n_source_steps) {
        charge_map<data_T, CONFIG_T>(spikes, first_spike, weights, potential);
        first_spike += CONFIG_T::n_sources;
    }
}

// One time step of a source that sends no planes.
template <class data_T, typename CONFIG_T>
void charge_train_step(data_T spikes[CONFIG_T::n_spikes_in], unsigned first_spike,
                       typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                       typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    if (!CONFIG_T::source_is_bits) {
        charge_map<data_T, CONFIG_T>(spikes, first_spike, weights, potential);
    }
}

// All of them.
template <class data_T, typename CONFIG_T>
void charge_train(data_T spikes[CONFIG_T::n_spikes_in], typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                  typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned first_spike = 0;
    if (!CONFIG_T::source_is_bits) {
    TrainSteps:
        for (unsigned step = 0; step < CONFIG_T::n_source_steps; step++) {
            charge_map<data_T, CONFIG_T>(spikes, first_spike, weights, potential);
            first_spike += CONFIG_T::n_sources;
        }
    }
}

// V = the charge of all bit planes.
template <class data_T, typename CONFIG_T>
void charge_planes(data_T spikes[CONFIG_T::first::n_spikes_in],
                   typename CONFIG_T::first::weight_t weights[CONFIG_T::first::n_weights],
                   typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned first_spike = 0;
    clear_potentials<CONFIG_T>(potential);
Planes:
    for (unsigned plane = 0; plane < CONFIG_T::n_planes; plane++) {
        if (plane > 0) {
            double_potentials<CONFIG_T>(potential);
        }
        charge_plane<data_T, typename CONFIG_T::first>(spikes, CONFIG_T::n_planes - plane, first_spike, weights, potential);
    }
}

// The same of two sources.
template <class data_T, class second_T, typename CONFIG_T>
void charge_planes_of_two(data_T spikes[CONFIG_T::first::n_spikes_in], second_T second[CONFIG_T::second::n_spikes_in],
                          typename CONFIG_T::first::weight_t weights[CONFIG_T::first::n_weights],
                          typename CONFIG_T::second::weight_t second_weights[CONFIG_T::second::n_weights],
                          typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned first_spike = 0;
    unsigned second_spike = 0;
    clear_potentials<CONFIG_T>(potential);
Planes:
    for (unsigned plane = 0; plane < CONFIG_T::n_planes; plane++) {
        const unsigned planes_left = CONFIG_T::n_planes - plane;
        if (plane > 0) {
            double_potentials<CONFIG_T>(potential);
        }
        charge_plane<data_T, typename CONFIG_T::first>(spikes, planes_left, first_spike, weights, potential);
        charge_plane<second_T, typename CONFIG_T::second>(second, planes_left, second_spike, second_weights, potential);
    }
}

// V = the charge of the frame.
template <class data_T, typename CONFIG_T>
void charge_frame(data_T spikes[CONFIG_T::first::n_spikes_in],
                  typename CONFIG_T::first::weight_t weights[CONFIG_T::first::n_weights],
                  typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    charge_planes<data_T, CONFIG_T>(spikes, weights, potential);
    charge_train<data_T, typename CONFIG_T::first>(spikes, weights, potential);
}

// The same of two sources.
template <class data_T, class second_T, typename CONFIG_T>
void charge_frame_of_two(data_T spikes[CONFIG_T::first::n_spikes_in], second_T second[CONFIG_T::second::n_spikes_in],
                         typename CONFIG_T::first::weight_t weights[CONFIG_T::first::n_weights],
                         typename CONFIG_T::second::weight_t second_weights[CONFIG_T::second::n_weights],
                         typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    charge_planes_of_two<data_T, second_T, CONFIG_T>(spikes, second, weights, second_weights, potential);
    charge_train<data_T, typename CONFIG_T::first>(spikes, weights, potential);
    charge_train<second_T, typename CONFIG_T::second>(second, second_weights, potential);
}

} // namespace isospike

#endif
