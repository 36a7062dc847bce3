// Streams are named by hls4ml's own headers; no kernel uses one, so they are never defined here.
#ifndef ISOSPIKE_AUDIT_HLS_STREAM_H_
#define ISOSPIKE_AUDIT_HLS_STREAM_H_

namespace hls {
template <typename T> class stream;
}

#endif
