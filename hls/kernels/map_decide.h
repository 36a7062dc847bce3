// The decisions of neurons in maps: each by division, on its potential or on the largest potential of its window; and
// how their levels are sent, row by row, the channels of a position side by side.
#ifndef ISOSPIKE_MAP_DECIDE_H_
#define ISOSPIKE_MAP_DECIDE_H_

#include "map_frame.h"

namespace isospike {

// What templates of hls/map_templates.py set for every population of a map; `first` and `second` are its synapses. Of what
// it inherits, n_groups are the cells of its potentials and n_padded the constants of its channels, surplus ones too.
struct map_config : dividing_config {
    static const unsigned n_planes = 0;            // bit planes of the source that has most
    static const unsigned n_starts = 1;            // initial potentials: one a channel, or one a neuron
    static const unsigned n_channels_out = 1;      // channels
    static const unsigned n_channel_passes = 1;    // passes over them
    static const unsigned n_rows_out = 1;          // of the map of neurons
    static const unsigned n_columns_out = 1;
    static const unsigned n_positions_out = 1;
    static const unsigned n_cells_out = 1;         // positions of all passes
    static const unsigned n_window_rows = 1;       // of max pooling; 1 where there is none
    static const unsigned n_window_columns = 1;
    static const unsigned n_potential_rows = 1;    // of the map of potentials
    static const unsigned n_potential_columns = 1;
    static const unsigned row_cells = 1;           // cells of one row of potentials
    static const int first_window_row = 0;         // where the first window begins, in the padding perhaps
    static const int first_window_column = 0;
    static const int first_window_row_cell = 0;
    static const int first_window_column_cell = 0;
    static const unsigned window_row_stride = 1;   // from one window to the next
    static const unsigned window_column_stride = 1;
    static const unsigned window_row_cells = 1;    // cells from one window to the next
    static const unsigned window_column_cells = 1;
};

// V = V + constant of the channel, or of the neuron where there is one for each.
template <class constant_T, unsigned N_CONSTANTS, typename CONFIG_T>
void add_map_constants(constant_T constant[N_CONSTANTS],
                       typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned index = 0;
    unsigned cell = 0;
ConstantPositions:
    for (unsigned position = 0; position < CONFIG_T::n_positions_out; position++) {
        if (N_CONSTANTS == CONFIG_T::n_padded) {
            index = 0;
        }
    ConstantPasses:
        for (unsigned pass = 0; pass < CONFIG_T::n_channel_passes; pass++) {
            #pragma HLS PIPELINE II=1
        ConstantLanes:
            for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
                #pragma HLS UNROLL
                potential[cell][lane] += constant[index + lane];
            }
            index += CONFIG_T::n_lanes;
            cell++;
        }
    }
}

// The largest potentials of one window, of the channels of one pass; positions in the padding do not count.
template <typename CONFIG_T>
void largest_of_window(typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes], int first_row,
                       int first_column, int first_cell, typename CONFIG_T::potential_t largest[CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    bool found = false;
    int row = first_row;
    int row_cell = first_cell;
WindowRows:
    for (unsigned window_row = 0; window_row < CONFIG_T::n_window_rows; window_row++) {
        int column = first_column;
        int cell = row_cell;
    WindowColumns:
        for (unsigned window_column = 0; window_column < CONFIG_T::n_window_columns; window_column++) {
            #pragma HLS PIPELINE II=1
            if (row >= 0 && row < int(CONFIG_T::n_potential_rows) && column >= 0 &&
                column < int(CONFIG_T::n_potential_columns)) {
            LargestLanes:
                for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
                    #pragma HLS UNROLL
                    if (!found || potential[cell][lane] > largest[lane]) {
                        largest[lane] = potential[cell][lane];
                    }
                }
                found = true;
            }
            column++;
            cell += CONFIG_T::n_channel_passes;
        }
        row++;
        row_cell += CONFIG_T::row_cells;
    }
}

// The division of one cell, as divide() does it for a bank; multiples lie pass by pass, those of all channels side by side.
template <typename CONFIG_T>
void divide_cell(typename CONFIG_T::potential_t potential[CONFIG_T::n_lanes],
                 typename CONFIG_T::multiple_t multiples[CONFIG_T::n_multiples], unsigned first_channel,
                 ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned first_multiple = first_channel;
    unsigned remaining = CONFIG_T::level_range;
LevelLanes:
    for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
        #pragma HLS UNROLL
        level[lane] = CONFIG_T::lowest;
    }
DividePasses:
    for (unsigned pass = 0; pass < CONFIG_T::n_passes; pass++) {
        #pragma HLS PIPELINE II=1
        const unsigned multiple = (remaining + 1) >> 1;
    DivideLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            if (potential[lane] >= multiples[first_multiple + lane]) {
                potential[lane] -= multiples[first_multiple + lane];
                level[lane] += multiple;
            }
        }
        remaining = remaining >> 1;
        first_multiple += CONFIG_T::n_padded;
    }
}

// Largest potential plus offset, then its level: of the channels of one pass at one position.
template <typename CONFIG_T>
void find_level(typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes],
                typename CONFIG_T::multiple_t multiples[CONFIG_T::n_multiples],
                typename CONFIG_T::offset_t offset[CONFIG_T::n_padded], unsigned first_channel, int row, int column,
                int first_cell, ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    typename CONFIG_T::potential_t largest[CONFIG_T::n_lanes];
    #pragma HLS ARRAY_PARTITION variable=largest complete
    largest_of_window<CONFIG_T>(potential, row, column, first_cell, largest);
OffsetLanes:
    for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
        #pragma HLS UNROLL
        largest[lane] += offset[first_channel + lane];
    }
    divide_cell<CONFIG_T>(largest, multiples, first_channel, level);
}

// The levels of all neurons.
template <typename CONFIG_T>
void find_levels(typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes],
                 typename CONFIG_T::multiple_t multiples[CONFIG_T::n_multiples],
                 typename CONFIG_T::offset_t offset[CONFIG_T::n_padded],
                 ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_cells_out][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned cell = 0;
    int row = CONFIG_T::first_window_row;
    int row_cell = CONFIG_T::first_window_row_cell;
LevelRows:
    for (unsigned row_out = 0; row_out < CONFIG_T::n_rows_out; row_out++) {
        int column = CONFIG_T::first_window_column;
        int first_cell = row_cell + CONFIG_T::first_window_column_cell;
    LevelColumns:
        for (unsigned column_out = 0; column_out < CONFIG_T::n_columns_out; column_out++) {
            unsigned first_channel = 0;
        LevelPasses:
            for (unsigned pass = 0; pass < CONFIG_T::n_channel_passes; pass++) {
                find_level<CONFIG_T>(potential, multiples, offset, first_channel, row, column, first_cell + int(pass),
                                     level[cell]);
                first_channel += CONFIG_T::n_lanes;
                cell++;
            }
            column += CONFIG_T::window_column_stride;
            first_cell += CONFIG_T::window_column_cells;
        }
        row += CONFIG_T::window_row_stride;
        row_cell += CONFIG_T::window_row_cells;
    }
}

// What all neurons send in one time step.
template <class res_T, typename CONFIG_T>
void emit_map_step(ap_int<CONFIG_T::n_level_bits> level[CONFIG_T::n_cells_out][CONFIG_T::n_lanes], unsigned step,
                   res_T spikes[CONFIG_T::n_spikes_out], unsigned first_spike) {
    #pragma HLS INLINE
    unsigned cell = 0;
    unsigned first = first_spike;
EmitPositions:
    for (unsigned position = 0; position < CONFIG_T::n_positions_out; position++) {
        unsigned channel = 0;
    EmitPasses:
        for (unsigned pass = 0; pass < CONFIG_T::n_channel_passes; pass++) {
            #pragma HLS PIPELINE II=1
        EmitLanes:
            for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
                #pragma HLS UNROLL
                ap_int<CONFIG_T::n_level_bits> spike;
                send_level<CONFIG_T>(level[cell][lane], step, spike);
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

} // namespace isospike

#endif
