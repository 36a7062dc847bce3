// Stands in for the vendor's integer types while the kernels are audited: the same values, but multiplication, division
// and remainder do not exist, and a value that does not fit the width it is stored in ends the program.
//
// A kernel that needs one of the deleted operators does not compile; nor does one that leaves these types for the
// built-in ones, because no conversion leads out of them except the question whether a value is zero.
#ifndef ISOSPIKE_AUDIT_AP_INT_H_
#define ISOSPIKE_AUDIT_AP_INT_H_

#include <cstdio>
#include <cstdlib>

namespace audit {

// Ends the program: the proof of widths was wrong, or a kernel does not keep to it.
inline long long out_of_range(long long value, int width, bool is_signed) {
    std::fprintf(stderr, "%lld does not fit ap_%sint<%d>\n", value, is_signed ? "" : "u", width);
    std::exit(3);
}

constexpr long long lowest(int width, bool is_signed) { return is_signed ? -(1LL << (width - 1)) : 0; }
constexpr long long highest(int width, bool is_signed) { return (1LL << (width - (is_signed ? 1 : 0))) - 1; }

constexpr long long checked(long long value, int width, bool is_signed) {
    return value >= lowest(width, is_signed) && value <= highest(width, is_signed) ? value
                                                                                   : out_of_range(value, width, is_signed);
}

// The value of an expression, wide enough for every sum of two stored values.
struct number {
    long long value;

    constexpr number(long long initial) : value(initial) {}
    constexpr number(int initial) : value(initial) {}
    constexpr number(unsigned initial) : value(initial) {}
    constexpr number(long initial) : value(initial) {}
    constexpr number(unsigned long initial) : value(static_cast<long long>(initial)) {}
    constexpr number(bool initial) : value(initial ? 1 : 0) {}
    number(float) = delete;
    number(double) = delete;

    explicit constexpr operator bool() const { return value != 0; }
    // The one bit at a position, 0 the lowest.
    constexpr bool operator[](int position) const { return ((value >> position) & 1) != 0; }
};

constexpr number operator+(number left, number right) { return number(left.value + right.value); }
constexpr number operator-(number left, number right) { return number(left.value - right.value); }
constexpr number operator-(number only) { return number(-only.value); }
constexpr bool operator<(number left, number right) { return left.value < right.value; }
constexpr bool operator>(number left, number right) { return left.value > right.value; }
constexpr bool operator<=(number left, number right) { return left.value <= right.value; }
constexpr bool operator>=(number left, number right) { return left.value >= right.value; }
constexpr bool operator==(number left, number right) { return left.value == right.value; }
constexpr bool operator!=(number left, number right) { return left.value != right.value; }
number operator*(number, number) = delete;
number operator/(number, number) = delete;
number operator%(number, number) = delete;

// A stored value. Shifts keep the width, as the vendor's types do, so that a bit shifted out is out of range.
template <int WIDTH, bool SIGNED> struct stored : number {
    static_assert(WIDTH >= 1 && WIDTH <= 62, "the audit covers widths of 1 to 62 bits");

    constexpr stored() : number(0LL) {}
    constexpr stored(number initial) : number(checked(initial.value, WIDTH, SIGNED)) {}
    constexpr stored(int initial) : number(checked(initial, WIDTH, SIGNED)) {}
    constexpr stored(unsigned initial) : number(checked(initial, WIDTH, SIGNED)) {}
    constexpr stored(bool initial) : number(initial) {}

    stored operator<<(unsigned distance) const { return stored(number(value << distance)); }
    stored operator>>(unsigned distance) const { return stored(number(value >> distance)); }
    stored &operator+=(number other) { return *this = stored(*this + other); }
    stored &operator-=(number other) { return *this = stored(*this - other); }
    stored &operator*=(number) = delete;
    stored &operator/=(number) = delete;
    stored &operator%=(number) = delete;
};

} // namespace audit

template <int WIDTH> using ap_int = audit::stored<WIDTH, true>;
template <int WIDTH> using ap_uint = audit::stored<WIDTH, false>;

#endif
