// Fixed-point types are named by hls4ml's own headers; no kernel may use one, so they have no value and no operator here.
#ifndef ISOSPIKE_AUDIT_AP_FIXED_H_
#define ISOSPIKE_AUDIT_AP_FIXED_H_

#include "ap_int.h"

enum ap_q_mode { AP_TRN, AP_RND };
enum ap_o_mode { AP_WRAP, AP_SAT };
template <int WIDTH, int INTEGER, ap_q_mode ROUNDING = AP_TRN, ap_o_mode OVERFLOW = AP_WRAP, int BITS = 0> struct ap_fixed {};
template <int WIDTH, int INTEGER, ap_q_mode ROUNDING = AP_TRN, ap_o_mode OVERFLOW = AP_WRAP, int BITS = 0> struct ap_ufixed {};

#endif
