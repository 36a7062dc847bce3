// Encoder of `bits` and `direct` input: the top bits of every pixel as planes, most significant first.
#ifndef ISOSPIKE_ENCODE_PLANES_H_
#define ISOSPIKE_ENCODE_PLANES_H_

namespace isospike {

// What templates of hls/templates.py set.
struct encode_planes_config {
    static const unsigned n_channels = 1;         // pixels
    static const unsigned n_steps = 1;            // planes, which is the number of input bits
    static const unsigned n_spikes_out = 1;       // pixels of all planes
    static const unsigned highest_bit = 7;        // of a pixel
};

template <class data_T, class res_T, typename CONFIG_T>
void encode_planes(data_T pixels[CONFIG_T::n_channels], res_T spikes[CONFIG_T::n_spikes_out]) {
    unsigned position = 0;
PlaneSteps:
    for (unsigned step = 0; step < CONFIG_T::n_steps; step++) {
    PlaneChannels:
        for (unsigned channel = 0; channel < CONFIG_T::n_channels; channel++) {
            #pragma HLS PIPELINE II=1
            spikes[position] = pixels[channel][CONFIG_T::highest_bit - step];
            position++;
        }
    }
}

} // namespace isospike

#endif
