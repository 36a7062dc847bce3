// Encoder of `unary` input: an integrate-and-fire neuron a pixel, started at half its threshold, that receives the
// pixel's level at every time step.
#ifndef ISOSPIKE_ENCODE_UNARY_H_
#define ISOSPIKE_ENCODE_UNARY_H_

namespace isospike {

// What templates of hls/templates.py set.
struct encode_unary_config {
    static const unsigned n_channels = 1;         // pixels
    static const unsigned n_steps = 1;            // time steps
    static const unsigned n_spikes_out = 1;       // pixels of all time steps
    static const unsigned shift = 0;              // bits of a pixel below its level
    static const unsigned threshold = 1;          // the largest level
    static const unsigned initial_potential = 0;  // half of it, rounded down
};

template <class data_T, class res_T, typename CONFIG_T>
void encode_unary(data_T pixels[CONFIG_T::n_channels], res_T spikes[CONFIG_T::n_spikes_out]) {
    typename CONFIG_T::potential_t potential[CONFIG_T::n_channels];
    unsigned position = 0;
StartChannels:
    for (unsigned channel = 0; channel < CONFIG_T::n_channels; channel++) {
        #pragma HLS PIPELINE II=1
        potential[channel] = CONFIG_T::initial_potential;
    }
UnarySteps:
    for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {
    UnaryChannels:
        for (unsigned channel = 0; channel < CONFIG_T::n_channels; channel++) {
            #pragma HLS PIPELINE II=1
            typename CONFIG_T::potential_t charged = potential[channel];
            charged += pixels[channel] >> CONFIG_T::shift;
            const bool fires = charged >= CONFIG_T::threshold;
            if (fires) {
                charged -= CONFIG_T::threshold;
            }
            potential[channel] = charged;
            spikes[position] = fires;
            position++;
        }
    }
}

} // namespace isospike

#endif
