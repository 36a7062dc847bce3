// A decision by division: k = clip(floor(V / threshold), lowest, lowest + level_range), and V = V - k * threshold.
//
// What was added to V before holds -lowest * threshold as well, so that k - lowest is to be found. Passes compare with
// multiples of the threshold that halve: ceil(n / 2) of them, then those of floor(n / 2), beginning with n = level_range.
// The multiples lie in a memory, one row a pass, so that nothing is multiplied and nothing divided.
#ifndef ISOSPIKE_DIVIDE_H_
#define ISOSPIKE_DIVIDE_H_

#include "causal_charge.h"

namespace isospike {

// What templates of hls/templates.py set for every population that divides.
struct dividing_config : causal_config {
    static const int lowest = 0;                  // the lowest level of a decision
    static const unsigned level_range = 1;        // its largest level less its lowest
    static const unsigned n_passes = 1;           // multiples
    static const unsigned n_multiples = 1;        // multiples of all lanes of all groups
    static const unsigned n_multiple_rows = 1;    // words of a lane's memory of multiples, groups of all passes
    static const unsigned n_level_bits = 1;       // of a signed level
    static const unsigned n_size_bits = 1;        // of its magnitude
};

// One pass: where V >= multiple * threshold, V = V - multiple * threshold and level = level + multiple.
template <typename CONFIG_T>
void divide_pass(typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes],
                 typename CONFIG_T::multiple_t multiples[CONFIG_T::n_multiples], unsigned first_row, unsigned multiple,
                 ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned row = first_row;
DivideGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
        unsigned index = row;
    DivideLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            if (potential[group][lane] >= multiples[index]) {
                potential[group][lane] -= multiples[index];
                level[group][lane] += multiple;
            }
            index += CONFIG_T::n_multiple_rows;
        }
        row++;
    }
}

// level = lowest.
template <typename CONFIG_T>
void clear_levels(ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
LevelGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
    LevelLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            level[group][lane] = CONFIG_T::lowest;
        }
    }
}

// The whole decision.
template <typename CONFIG_T>
void divide(typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes],
            typename CONFIG_T::multiple_t multiples[CONFIG_T::n_multiples],
            ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned first_row = 0;
    unsigned remaining = CONFIG_T::level_range;
    clear_levels<CONFIG_T>(level);
DividePasses:
    for (unsigned pass = 0; pass < CONFIG_T::n_passes; pass++) {
        divide_pass<CONFIG_T>(potential, multiples, first_row, (remaining + 1) >> 1, level);
        remaining = remaining >> 1;
        first_row += CONFIG_T::n_groups;
    }
}

// What time step `step` of a code carries of a level k: of a packed train the sign of k while |k| is above the step, of
// bit planes the bit of |k|, the highest first, with the sign of k, of a count (and of a train, in every step) k itself.
template <typename CONFIG_T>
void send_level(ap_int<CONFIG_T::n_level_bits> level, unsigned step, ap_int<CONFIG_T::n_level_bits> &spike) {
    #pragma HLS INLINE
    spike = level;
    if (CONFIG_T::code != count_code) {
        const bool negative = spike < 0;
        ap_uint<CONFIG_T::n_size_bits> size;
        if (negative) {
            size = -spike;
        } else {
            size = spike;
        }
        const bool sends = CONFIG_T::code == bits_code ? size[CONFIG_T::n_steps - 1 - step] : size > step;
        spike = 0;
        if (sends) {
            spike = 1;
        }
        if (sends && negative) {
            spike = -1;
        }
    }
}

// What all neurons send in one time step.
template <class res_T, typename CONFIG_T>
void emit_step(ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_groups][CONFIG_T::n_lanes], unsigned step,
               res_T spikes[CONFIG_T::n_spikes_out], unsigned first_spike) {
    #pragma HLS INLINE
    unsigned neuron = 0;
    unsigned position = first_spike;
EmitGroups:
    for (unsigned group = 0; group < CONFIG_T::n_groups; group++) {
        #pragma HLS PIPELINE II=1
    EmitLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            ap_int<CONFIG_T::n_level_bits> spike;
            send_level<CONFIG_T>(level[group][lane], step, spike);
            if (neuron < CONFIG_T::n_neurons) {
                spikes[position] = spike;
            }
            neuron++;
            position++;
        }
    }
}

} // namespace isospike

#endif
