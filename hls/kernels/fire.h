// Compare, soft-reset, emit: the decision that every firing population makes, and the packed train of a deferred one.
#ifndef ISOSPIKE_FIRE_H_
#define ISOSPIKE_FIRE_H_

#include "population.h"

namespace isospike {

// What templates of hls/templates.py set for every population that fires.
struct firing_config : population_config {
    static const unsigned n_steps = 1;            // time steps of the output
    static const unsigned n_spikes_out = 1;       // neurons of all time steps
    static const wire_code code = unary_code;     // what a deferred population sends
    static const unsigned first_shift = 0;        // log2 of the multiple of the threshold that the first plane compares
};

// subtracted = threshold << first_shift. It has a type of its own: a threshold that no potential reaches may be too large
// for the type of the potentials.
template <typename CONFIG_T>
void load_thresholds(typename CONFIG_T::threshold_t threshold[CONFIG_T::n_padded],
                     typename CONFIG_T::subtracted_t subtracted[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
LoadGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
        unsigned index = group;
    LoadLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            const typename CONFIG_T::subtracted_t value = threshold[index];
            subtracted[group][lane] = value << CONFIG_T::first_shift;
            index += CONFIG_T::n_groups;
        }
    }
}

// subtracted = subtracted / 2, for the next bit plane; a shift by one is wiring.
template <typename CONFIG_T>
void halve_thresholds(typename CONFIG_T::subtracted_t subtracted[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
HalveGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
    HalveLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            subtracted[group][lane] = subtracted[group][lane] >> 1;
        }
    }
}

// One time step: fire where V >= subtracted, and V = V - subtracted there.
template <class res_T, typename CONFIG_T>
void fire_step(typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes],
               typename CONFIG_T::subtracted_t subtracted[CONFIG_T::n_groups][CONFIG_T::n_lanes],
               res_T spikes[CONFIG_T::n_spikes_out], unsigned first_spike) {
    #pragma HLS INLINE
    unsigned neuron = 0;
    unsigned position = first_spike;
FireGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
    FireLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            const bool fires = potential[group][lane] >= subtracted[group][lane];
            if (fires) {
                potential[group][lane] -= subtracted[group][lane];
            }
            if (neuron < CONFIG_T::n_neurons) {
                spikes[position] = fires;
            }
            neuron++;
            position++;
        }
    }
}

// The whole output of a deferred population: a train packed early, or bit planes, most significant first.
template <class res_T, typename CONFIG_T>
void fire_all(typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes],
              typename CONFIG_T::threshold_t threshold[CONFIG_T::n_padded], res_T spikes[CONFIG_T::n_spikes_out]) {
    #pragma HLS INLINE
    typename CONFIG_T::subtracted_t subtracted[CONFIG_T::n_groups][CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=subtracted complete dim=2
    unsigned first_spike = 0;
    load_thresholds<CONFIG_T>(threshold, subtracted);
FireSteps:
    for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {
        fire_step<res_T, CONFIG_T>(potential, subtracted, spikes, first_spike);
        if (CONFIG_T::code == bits_code) {
            halve_thresholds<CONFIG_T>(subtracted);
        }
        first_spike += CONFIG_T::n_neurons;
    }
}

} // namespace isospike

#endif
