// Synapses between maps: a spike adds the weights of its channel to all potentials whose window it lies in.
//
// Spikes of a map lie row by row, the channels of a position side by side; so do potentials: a bank is
// potential[cell][lane] with cell = position * passes + pass, and channel = pass * lanes + lane. A word of weights has
// one weight a lane; words lie in the order [source channel][window row][window column][pass].
// Nothing is visited for a source that is silent. Where a spike goes is counted along and never multiplied or divided.
#ifndef ISOSPIKE_MAP_SYNAPSES_H_
#define ISOSPIKE_MAP_SYNAPSES_H_

#include "divide.h"

namespace isospike {

// What templates of hls/map_templates.py set for every group of synapses; rows and columns each have their own numbers.
struct synapses_config {
    static const unsigned n_source_steps = 1;      // time steps on the wire of the source
    static const bool source_is_bits = false;      // the source sends bit planes, most significant first
    static const bool source_is_signed = false;    // the source sends negative spikes too
    static const unsigned n_magnitude_bits = 1;    // of a spike of the source
    static const unsigned n_charge_bits = 1;       // of a weight times the highest of these bits
    static const unsigned n_sources = 1;           // source neurons
    static const unsigned n_spikes_in = 1;         // source neurons of all time steps
    static const unsigned n_source_rows = 1;       // of the source's map
    static const unsigned n_source_columns = 1;
    static const unsigned n_source_channels = 1;
    static const unsigned row_pooling = 1;         // rows that count as one
    static const unsigned column_pooling = 1;
    static const unsigned n_input_rows = 1;        // rows behind the pooling; what is left over is not looked at
    static const unsigned n_input_columns = 1;
    static const unsigned n_row_taps = 1;          // of the window
    static const unsigned n_column_taps = 1;
    static const unsigned row_stride = 1;          // from one window to the next
    static const unsigned column_stride = 1;
    static const unsigned n_reach_rows = 1;        // windows that a row lies in
    static const unsigned n_reach_columns = 1;
    static const unsigned n_output_rows = 1;       // windows
    static const unsigned n_output_columns = 1;
    static const unsigned first_row = 0;           // the last window that row 0 lies in
    static const unsigned first_column = 0;
    static const unsigned first_row_tap = 0;       // and its place in that window
    static const unsigned first_column_tap = 0;
    static const unsigned first_row_cell = 0;      // cells in front of that window
    static const unsigned first_column_cell = 0;
    static const unsigned first_row_weight = 0;    // weights in front of that place
    static const unsigned first_column_weight = 0;
    static const unsigned row_cells = 1;           // cells from one window to the next
    static const unsigned column_cells = 1;
    static const unsigned row_weights = 1;         // weights from one place in a window to the next
    static const unsigned column_weights = 1;
    static const unsigned row_stride_weights = 1;  // weights from a place to the same position's place in the window before
    static const unsigned column_stride_weights = 1;
    static const unsigned channel_weights = 1;     // weights from one source channel to the next
    static const unsigned group_inputs = 1;        // source channels of a group of channels
    static const unsigned group_passes = 1;        // whole passes of its potentials
    static const unsigned group_lanes = 0;         // lanes beyond these
    static const unsigned n_reach_passes = 1;      // passes that hold the potentials of a group
    static const unsigned last_first_pass = 0;     // the last pass that these may begin with
    static const unsigned n_weights = 1;           // words of all lanes
    static const unsigned n_lanes = 1;             // channels that work at once
    static const unsigned n_groups = 1;            // cells of the bank
};

// A row, or a column, of the source's map: the last window that it lies in, and where.
struct window_cursor {
    unsigned part;    // its place among the rows that count as one
    unsigned input;   // its number behind the pooling
    int window;       // the last window that does not begin behind it; there may be none such
    unsigned tap;     // its place in that window
    unsigned cell;    // cells in front of that window
    unsigned weight;  // weights in front of that place
};

// To the next row or column of the source.
inline void advance(window_cursor &cursor, unsigned pooling, unsigned stride, unsigned cells, unsigned weights) {
    #pragma HLS INLINE
    cursor.part++;
    if (cursor.part == pooling) {
        cursor.part = 0;
        cursor.input++;
        cursor.tap++;
        cursor.weight += weights;
        if (cursor.tap == stride) {
            cursor.tap = 0;
            cursor.weight = 0;
            cursor.window++;
            cursor.cell += cells;
        }
    }
}

// The same row or column in the window before.
inline void step_back(window_cursor &cursor, unsigned stride, unsigned cells, unsigned stride_weights) {
    #pragma HLS INLINE
    cursor.window--;
    cursor.tap += stride;
    cursor.cell -= cells;
    cursor.weight += stride_weights;
}

// V = V + weight, or V - weight, for all lanes.
template <typename CONFIG_T>
void add_word(typename CONFIG_T::weight_t weights[CONFIG_T::n_weights], unsigned word, bool negative,
              typename CONFIG_T::potential_t potential[CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    if (!negative) {
    AddLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            potential[lane] += weights[word + lane];
        }
    }
    if (negative) {
    SubtractLanes:
        for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
            #pragma HLS UNROLL
            potential[lane] -= weights[word + lane];
        }
    }
}

// V = V + weight · magnitude, or V - weight · magnitude: once for every bit of the magnitude, moved to its place.
template <typename CONFIG_T>
void add_shifted_word(typename CONFIG_T::weight_t weights[CONFIG_T::n_weights], unsigned word,
                      ap_uint<CONFIG_T::n_magnitude_bits> magnitude, bool negative,
                      typename CONFIG_T::potential_t potential[CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
ShiftedBits:
    for (unsigned bit = 0; bit < CONFIG_T::n_magnitude_bits; bit++) {
        #pragma HLS UNROLL
        const bool sends = magnitude[bit];
        if (sends) {
        ShiftedLanes:
            for (unsigned lane = 0; lane < CONFIG_T::n_lanes; lane++) {
                #pragma HLS UNROLL
                const ap_int<CONFIG_T::n_charge_bits> weight = weights[word + lane];
                if (!negative) {
                    potential[lane] += weight << bit;
                }
                if (negative) {
                    potential[lane] -= weight << bit;
                }
            }
        }
    }
}

// One spike at one place of a window: all passes that hold potentials of its group of channels.
template <class data_T, typename CONFIG_T>
void charge_position(data_T spike, unsigned first_cell, unsigned first_word,
                     typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                     typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    const bool negative = CONFIG_T::source_is_signed && spike < 0;
    ap_uint<CONFIG_T::n_magnitude_bits> magnitude;
    if (negative) {
        magnitude = -spike;
    } else {
        magnitude = spike;
    }
    unsigned word = first_word;
    unsigned cell = first_cell;
ReachPasses:
    for (unsigned pass = 0; pass < CONFIG_T::n_reach_passes; pass++) {
        #pragma HLS PIPELINE II=1
        if (CONFIG_T::n_magnitude_bits == 1) {
            add_word<CONFIG_T>(weights, word, negative, potential[cell]);
        } else {
            add_shifted_word<CONFIG_T>(weights, word, magnitude, negative, potential[cell]);
        }
        word += CONFIG_T::n_lanes;
        cell++;
    }
}

// One spike in all windows that it lies in.
template <class data_T, typename CONFIG_T>
void charge_spike(data_T spike, window_cursor row, window_cursor first_column, unsigned first_pass, unsigned first_weight,
                  typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                  typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
ReachRows:
    for (unsigned reach_row = 0; reach_row < CONFIG_T::n_reach_rows; reach_row++) {
        if (row.window >= 0 && row.window < int(CONFIG_T::n_output_rows) && row.tap < CONFIG_T::n_row_taps) {
            window_cursor column = first_column;
        ReachColumns:
            for (unsigned reach_column = 0; reach_column < CONFIG_T::n_reach_columns; reach_column++) {
                if (column.window >= 0 && column.window < int(CONFIG_T::n_output_columns) &&
                    column.tap < CONFIG_T::n_column_taps) {
                    charge_position<data_T, CONFIG_T>(spike, row.cell + column.cell + first_pass,
                                                      first_weight + row.weight + column.weight, weights, potential);
                }
                step_back(column, CONFIG_T::column_stride, CONFIG_T::column_cells, CONFIG_T::column_stride_weights);
            }
        }
        step_back(row, CONFIG_T::row_stride, CONFIG_T::row_cells, CONFIG_T::row_stride_weights);
    }
}

// The spikes of all channels of one position.
template <class data_T, typename CONFIG_T>
void charge_channels(data_T spikes[CONFIG_T::n_spikes_in], unsigned first_spike, window_cursor row, window_cursor column,
                     typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                     typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    const bool is_looked_at = row.input < CONFIG_T::n_input_rows && column.input < CONFIG_T::n_input_columns;
    unsigned position = first_spike;
    unsigned first_weight = 0;
    unsigned pass = 0;
    unsigned lane = 0;
    unsigned in_group = 0;
SourceChannels:
    for (unsigned channel = 0; channel < CONFIG_T::n_source_channels; channel++) {
        const data_T spike = spikes[position];
        if (is_looked_at && spike != 0) {
            const unsigned first_pass = pass < CONFIG_T::last_first_pass ? pass : CONFIG_T::last_first_pass;
            charge_spike<data_T, CONFIG_T>(spike, row, column, first_pass, first_weight, weights, potential);
        }
        position++;
        first_weight += CONFIG_T::channel_weights;
        in_group++;
        if (in_group == CONFIG_T::group_inputs) {
            in_group = 0;
            pass += CONFIG_T::group_passes;
            lane += CONFIG_T::group_lanes;
            if (lane >= CONFIG_T::n_lanes) {
                lane -= CONFIG_T::n_lanes;
                pass++;
            }
        }
    }
}

// V = V + Σ weight · spike for one time step.
template <class data_T, typename CONFIG_T>
void charge_map(data_T spikes[CONFIG_T::n_spikes_in], unsigned first_spike,
                typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                typename CONFIG_T::potential_t potential[CONFIG_T::n_groups][CONFIG_T::n_lanes]) {
    #pragma HLS INLINE
    unsigned position = first_spike;
    window_cursor row = {0, 0, CONFIG_T::first_row, CONFIG_T::first_row_tap, CONFIG_T::first_row_cell,
                         CONFIG_T::first_row_weight};
SourceRows:
    for (unsigned source_row = 0; source_row < CONFIG_T::n_source_rows; source_row++) {
        window_cursor column = {0, 0, CONFIG_T::first_column, CONFIG_T::first_column_tap, CONFIG_T::first_column_cell,
                                CONFIG_T::first_column_weight};
    SourceColumns:
        for (unsigned source_column = 0; source_column < CONFIG_T::n_source_columns; source_column++) {
            charge_channels<data_T, CONFIG_T>(spikes, position, row, column, weights, potential);
            position += CONFIG_T::n_source_channels;
            advance(column, CONFIG_T::column_pooling, CONFIG_T::column_stride, CONFIG_T::column_cells,
                    CONFIG_T::column_weights);
        }
        advance(row, CONFIG_T::row_pooling, CONFIG_T::row_stride, CONFIG_T::row_cells, CONFIG_T::row_weights);
    }
}

} // namespace isospike

#endif
