// Two copies of what a source sends, for two readers: an array of a dataflow has one reader.
#ifndef ISOSPIKE_FORK_SPIKES_H_
#define ISOSPIKE_FORK_SPIKES_H_

namespace isospike {

// What templates of hls/templates.py set.
struct fork_config {
    static const unsigned n_spikes = 1;           // source channels of all time steps
};

template <class data_T, typename CONFIG_T>
void fork_spikes(data_T spikes[CONFIG_T::n_spikes], data_T first[CONFIG_T::n_spikes], data_T second[CONFIG_T::n_spikes]) {
ForkSpikes:
    for (unsigned index = 0; index < CONFIG_T::n_spikes; index++) {
        #pragma HLS PIPELINE II=1
        first[index] = spikes[index];
        second[index] = spikes[index];
    }
}

} // namespace isospike

#endif
