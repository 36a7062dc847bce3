// What every population of neurons shares: its potential bank, and the operations on the whole bank.
//
// A bank is potential[group][lane]. Lanes work at once, groups one after another: neuron = group * lanes + lane. The
// last group may be part empty; its surplus lanes have zero weights and write no output.
// Constants and weights lie lane by lane (see hls/memory_layout.py), so that a block of each memory serves one lane.
#ifndef ISOSPIKE_POPULATION_H_
#define ISOSPIKE_POPULATION_H_

#include "ap_int.h"

namespace isospike {

// How a deferred neuron sends its level.
enum wire_code { unary_code, bits_code, count_code };

// What templates of hls/templates.py set for every population.
struct population_config {
    static const unsigned n_sources = 1;          // source channels
    static const unsigned n_source_steps = 1;     // time steps on the wire of the source
    static const bool source_is_bits = false;     // the source sends bit planes, most significant first
    static const unsigned n_spikes_in = 1;        // source channels of all time steps
    static const bool source_is_signed = false;   // the source sends negative spikes too
    static const unsigned n_magnitude_bits = 1;   // of a spike of the source, 1 where no time step carries more than one
    static const unsigned n_charge_bits = 1;      // of a weight times the highest of these bits
    static const unsigned n_neurons = 1;          // neurons of the population
    static const unsigned n_lanes = 1;            // neurons that work at once
    static const unsigned n_groups = 1;           // passes over the lanes
    static const unsigned n_rows = 1;             // words of a lane's weight memory, groups of all source channels
    static const unsigned n_weights = 1;          // weights of all lanes
    static const unsigned n_padded = 1;           // lanes of all groups
};

// V = 0.
template <typename CONFIG_T>
void clear_potentials(typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
ClearGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
    ClearLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            potential[group][lane] = 0;
        }
    }
}

// V = V + V, between two bit planes of the source: no shifter, no multiplier.
template <typename CONFIG_T>
void double_potentials(typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
DoubleGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
    DoubleLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            potential[group][lane] = potential[group][lane] + potential[group][lane];
        }
    }
}

// V = V + constant of the neuron.
template <class constant_T, typename CONFIG_T>
void add_constants(constant_T constant[CONFIG_T::n_padded],
                   typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
AddGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
        unsigned index = group;
    AddLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            potential[group][lane] += constant[index];
            index += CONFIG_T::n_groups;
        }
    }
}

// V = V + weight, or V - weight, for one row of weights.
template <typename CONFIG_T>
void add_weights(typename CONFIG_T::weight_t weights[CONFIG_T::n_weights], unsigned row, unsigned group, bool adds,
                 bool subtracts, typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned index = row;
WeightLanes:
    for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
        #pragma HLS UNROLL
        if (adds) {
            potential[group][lane] += weights[index];
        }
        if (subtracts) {
            potential[group][lane] -= weights[index];
        }
        index += CONFIG_T::n_rows;
    }
}

// V = V + weight · magnitude, or V - weight · magnitude, for one row of weights: the weight is added once for every bit of
// the magnitude, moved to the place of that bit. The loop over the bits is unrolled, so the shift is wiring, and there is
// one adder for each bit.
template <typename CONFIG_T>
void add_shifted_weights(typename CONFIG_T::weight_t weights[CONFIG_T::n_weights], unsigned row, unsigned group,
                         ap_uint<CONFIG_T::n_magnitude_bits> magnitude, bool negative,
                         typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
ShiftedBits:
    for (unsigned bit = 0; bit < CONFIG_T::n_magnitude_bits; bit++) {
        #pragma HLS UNROLL
        const bool sends = magnitude[bit];
        if (sends) {
            unsigned index = row;
        ShiftedLanes:
            for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
                #pragma HLS UNROLL
                const ap_int<CONFIG_T::n_charge_bits> weight = weights[index];
                if (!negative) {
                    potential[group][lane] += weight << bit;
                }
                if (negative) {
                    potential[group][lane] -= weight << bit;
                }
                index += CONFIG_T::n_rows;
            }
        }
    }
}

// V = V + Σ weight · spike for one time step: a row of weights is added for every source channel that spikes, subtracted
// for one that spikes negatively.
template <class data_T, typename CONFIG_T>
void accumulate_step(data_T spikes[CONFIG_T::n_spikes_in], unsigned first_spike,
                     typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                     typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned position = first_spike;
    unsigned group = 0;
AccumulateRows:
    for (unsigned row = 0; row < CONFIG_T::n_rows; row++) {
        #pragma HLS PIPELINE II=1
        const data_T spike = spikes[position];
        const bool negative = CONFIG_T::source_is_signed && spike < 0;
        if (CONFIG_T::n_magnitude_bits == 1) {
            add_weights<CONFIG_T>(weights, row, group, spike != 0 && !negative, negative, potential);
        } else {
            ap_uint<CONFIG_T::n_magnitude_bits> magnitude;
            if (negative) {
                magnitude = -spike;
            } else {
                magnitude = spike;
            }
            add_shifted_weights<CONFIG_T>(weights, row, group, magnitude, negative, potential);
        }
        if (group == CONFIG_T::n_groups - 1) {
            group = 0;
            position++;
        } else {
            group++;
        }
    }
}

// The charge of all time steps of the source, doubled between bit planes.
template <class data_T, typename CONFIG_T>
void accumulate_all(data_T spikes[CONFIG_T::n_spikes_in], typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                    typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned first_spike = 0;
    clear_potentials<CONFIG_T>(potential);
AccumulateSteps:
    for (unsigned step = 0; step < CONFIG_T::n_source_steps; step++) {
        if (CONFIG_T::source_is_bits && step > 0) {
            double_potentials<CONFIG_T>(potential);
        }
        accumulate_step<data_T, CONFIG_T>(spikes, first_spike, weights, potential);
        first_spike += CONFIG_T::n_sources;
    }
}

} // namespace isospike

#endif
