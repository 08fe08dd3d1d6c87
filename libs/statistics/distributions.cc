#include "statistics/distributions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <boost/math/tools/toms748_solve.hpp>

namespace holdfast::statistics {
namespace {

namespace math = boost::math;
namespace policies = boost::math::policies;

// Errors set errno and come back as NaN or infinity instead of being thrown; doubles stay doubles
// (long double would be slower and differ between machines).
using Quiet = policies::policy<policies::domain_error<policies::errno_on_error>,
                               policies::pole_error<policies::errno_on_error>,
                               policies::overflow_error<policies::errno_on_error>,
                               policies::evaluation_error<policies::errno_on_error>,
                               policies::rounding_error<policies::errno_on_error>,
                               policies::promote_double<false>>;

double Real(std::int64_t x) {
  return static_cast<double>(x);
}

// Above these Boost's inversions and continued fractions lose digits and time; the expansions below
// are within a relative 1e-12 there.
constexpr double kLargeShape = 1e7;
constexpr double kLargeBeta = 1e8;

// Cornish–Fisher expansion of the Gamma quantile at a normal score.
double LargeGammaQuantile(double z, double shape) {
  const double root = std::sqrt(shape);
  const double z2 = z * z;
  return shape + z * root + (z2 - 1) / 3 + z * (z2 - 7) / (36 * root) -
         (3 * z2 * z2 + 7 * z2 - 16) / (810 * shape);
}

// The logit of a Beta variable is nearly normal: its first three cumulants.
struct BetaLogit {
  double mean = 0;
  double sd = 0;
  double skew = 0;  // over 6

  BetaLogit(double a, double b)
      : mean(math::digamma(a, Quiet()) - math::digamma(b, Quiet())),
        sd(std::sqrt(math::trigamma(a, Quiet()) + math::trigamma(b, Quiet()))),
        skew((1 / (b * b) - 1 / (a * a)) / (sd * sd * sd) / 6) {}

  double Quantile(double z) const {
    return 1 / (1 + std::exp(-(mean + sd * (z + skew * (z * z - 1)))));
  }
  double ZOf(double x) const {
    const double w = (std::log(x) - std::log1p(-x) - mean) / sd;
    return w - skew * (w * w - 1);
  }
};

bool IsLarge(double a, double b) {
  return std::min(a, b) >= kLargeBeta;
}

template <std::size_t kSize>
double Polynomial(const std::array<double, kSize>& coefficients, double x) {
  double value = 0;
  for (auto it = coefficients.rbegin(); it != coefficients.rend(); ++it) value = value * x + *it;
  return value;
}

}  // namespace

double NormalDensity(double z) {
  return std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi);
}
double NormalLower(double z) {
  return 0.5 * std::erfc(-z / std::numbers::sqrt2);
}
double NormalUpper(double z) {
  return 0.5 * std::erfc(z / std::numbers::sqrt2);
}

double NormalQuantile(double p) {
  static constexpr std::array kA = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                    1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                    4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                    3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static constexpr std::array kB = {1.0,
                                    4.2313330701600911252e+1,
                                    6.8718700749205790830e+2,
                                    5.3941960214247511077e+3,
                                    2.1213794301586595867e+4,
                                    3.9307895800092710610e+4,
                                    2.8729085735721942674e+4,
                                    5.2264952788528545610e+3};
  static constexpr std::array kC = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                    5.76949722146069140550e0,  3.64784832476320460504e0,
                                    1.27045825245236838258e0,  2.41780725177450611770e-1,
                                    2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static constexpr std::array kD = {1.0,
                                    2.05319162663775882187e0,
                                    1.67638483018380384940e0,
                                    6.89767334985100004550e-1,
                                    1.48103976427480074590e-1,
                                    1.51986665636164571966e-2,
                                    5.47593808499534494600e-4,
                                    1.05075007164441684324e-9};
  static constexpr std::array kE = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                    1.78482653991729133580e0,  2.96560571828504891230e-1,
                                    2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                    2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr std::array kF = {1.0,
                                    5.99832206555887937690e-1,
                                    1.36929880922735805310e-1,
                                    1.48753612908506148525e-2,
                                    7.86869131145613259100e-4,
                                    1.84631831751005468180e-5,
                                    1.42151175831644588870e-7,
                                    2.04426310338993978564e-15};

  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * Polynomial(kA, r) / Polynomial(kB, r);
  }
  const double r = std::sqrt(-std::log(q < 0 ? p : 1 - p));
  const double z = r <= 5 ? Polynomial(kC, r - 1.6) / Polynomial(kD, r - 1.6)
                          : Polynomial(kE, r - 5) / Polynomial(kF, r - 5);
  return q < 0 ? -z : z;
}

double TwoSidedZ(double level) {
  return -NormalQuantile((1 - level) / 2);
}

double PoissonMass(std::int64_t x, double mean) {
  if (x < 0) return 0;
  if (mean == 0) return x == 0 ? 1 : 0;
  return math::gamma_p_derivative(Real(x) + 1, mean, Quiet());
}

double PoissonLower(std::int64_t x, double mean) {
  if (x < 0) return 0;
  if (mean == 0) return 1;
  return math::gamma_q(Real(x) + 1, mean, Quiet());
}

double PoissonUpper(std::int64_t x, double mean) {
  if (x <= 0) return 1;
  if (mean == 0) return 0;
  return math::gamma_p(Real(x), mean, Quiet());
}

std::int64_t PoissonQuantile(double p, double mean) {
  if (mean == 0) return 0;
  // A normal guess, then steps: the guess is a few counts off at most wherever a Poisson limit is
  // used.
  auto x = static_cast<std::int64_t>(
      std::max(0.0, std::floor(mean + NormalQuantile(p) * std::sqrt(mean))));
  while (x > 0 && PoissonLower(x - 1, mean) >= p) --x;
  while (PoissonLower(x, mean) < p) ++x;
  return x;
}

double BinomialMass(std::int64_t x, std::int64_t n, double p) {
  if (x < 0 || x > n) return 0;
  if (p <= 0) return x == 0 ? 1 : 0;
  if (p >= 1) return x == n ? 1 : 0;
  if (IsLarge(Real(x), Real(n - x))) {
    const double sd = std::sqrt(Real(n) * p * (1 - p));
    return NormalDensity((Real(x) - Real(n) * p) / sd) / sd;
  }
  return math::ibeta_derivative(Real(x) + 1, Real(n - x) + 1, p, Quiet()) / (Real(n) + 1);
}

double BinomialLower(std::int64_t x, std::int64_t n, double p) {
  if (x < 0) return 0;
  if (x >= n || p <= 0) return 1;
  if (p >= 1) return 0;
  if (IsLarge(Real(x), Real(n - x))) return NormalUpper(BetaLogit(Real(x) + 1, Real(n - x)).ZOf(p));
  return math::ibetac(Real(x) + 1, Real(n - x), p, Quiet());
}

double BinomialUpper(std::int64_t x, std::int64_t n, double p) {
  if (x <= 0) return 1;
  if (x > n || p <= 0) return 0;
  if (p >= 1) return 1;
  if (IsLarge(Real(x), Real(n - x))) return NormalLower(BetaLogit(Real(x), Real(n - x) + 1).ZOf(p));
  return math::ibeta(Real(x), Real(n - x) + 1, p, Quiet());
}

double BetaLower(double x, double a, double b) {
  return math::ibeta(a, b, x, Quiet());
}
double BetaQuantile(double lower_tail, double a, double b) {
  return IsLarge(a, b) ? BetaLogit(a, b).Quantile(NormalQuantile(lower_tail))
                       : math::ibeta_inv(a, b, lower_tail, Quiet());
}
double BetaUpperQuantile(double upper_tail, double a, double b) {
  return IsLarge(a, b) ? BetaLogit(a, b).Quantile(-NormalQuantile(upper_tail))
                       : math::ibetac_inv(a, b, upper_tail, Quiet());
}

double GammaQuantile(double lower_tail, double shape) {
  return shape >= kLargeShape ? LargeGammaQuantile(NormalQuantile(lower_tail), shape)
                              : math::gamma_p_inv(shape, lower_tail, Quiet());
}
double GammaUpperQuantile(double upper_tail, double shape) {
  return shape >= kLargeShape ? LargeGammaQuantile(-NormalQuantile(upper_tail), shape)
                              : math::gamma_q_inv(shape, upper_tail, Quiet());
}

double GammaDensity(double x, double shape) {
  return math::gamma_p_derivative(shape, x, Quiet());
}

double ChiSquaredUpper(double x, double df) {
  return x <= 0 ? 1 : math::gamma_q(df / 2, x / 2, Quiet());
}

double FUpper(double f, double df1, double df2) {
  if (f <= 0) return 1;
  return math::ibetac(df1 / 2, df2 / 2, df1 * f / (df1 * f + df2), Quiet());
}

double LogGamma(double x) {
  return math::lgamma(x, Quiet());
}
double Digamma(double x) {
  return math::digamma(x, Quiet());
}
double Trigamma(double x) {
  return math::trigamma(x, Quiet());
}

double FindRoot(const std::function<double(double)>& f, double lower, double upper) {
  const double at_lower = f(lower);
  if (at_lower == 0 || lower == upper) return lower;
  const double at_upper = f(upper);
  if (at_upper == 0) return upper;
  if ((at_lower < 0) == (at_upper < 0)) return std::numeric_limits<double>::quiet_NaN();
  std::uintmax_t rounds = 200;
  const auto near = [](double a, double b) {
    return std::abs(a - b) <= 1e-14 * std::min(std::abs(a), std::abs(b));
  };
  const auto [left, right] = math::tools::toms748_solve(
      [&f](double x) { return f(x); }, lower, upper, at_lower, at_upper, near, rounds, Quiet());
  return left + (right - left) / 2;
}

}  // namespace holdfast::statistics
