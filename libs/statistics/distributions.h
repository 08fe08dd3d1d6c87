// Tails, masses and quantiles of the distributions that the methods need, with their edges taken
// first: a Poisson mean of 0, a binomial probability of 0 or 1. The only file of the room that
// reaches Boost.Math.
//
// Arguments outside the stated range are the caller's error; every public method checks its input
// before it comes here. Both tails are computed directly, never as 1 - p, so small tails keep their
// digits.
#pragma once

#include <cstdint>
#include <functional>

namespace holdfast::statistics {

double NormalDensity(double z);
double NormalLower(double z);  // P(Z <= z)
double NormalUpper(double z);  // P(Z >= z)
// p in (0, 1). Wichura (1988), AS 241, about 16 digits.
double NormalQuantile(double p);
// z = quantile of 1 - (1 - level) / 2; level in (0, 1).
double TwoSidedZ(double level);

// mean >= 0; x below 0 has probability 0.
double PoissonMass(std::int64_t x, double mean);
double PoissonLower(std::int64_t x, double mean);  // P(X <= x)
double PoissonUpper(std::int64_t x, double mean);  // P(X >= x)
// The smallest x with P(X <= x) >= p; p in (0, 1), mean >= 0.
std::int64_t PoissonQuantile(double p, double mean);

// 0 <= x <= n, p in [0, 1].
double BinomialMass(std::int64_t x, std::int64_t n, double p);
double BinomialLower(std::int64_t x, std::int64_t n, double p);  // P(X <= x)
double BinomialUpper(std::int64_t x, std::int64_t n, double p);  // P(X >= x)

// The x whose lower (upper) tail is the given probability; a, b > 0.
double BetaLower(double x, double a, double b);
double BetaQuantile(double lower_tail, double a, double b);
double BetaUpperQuantile(double upper_tail, double a, double b);

// Gamma of rate 1; shape > 0.
double GammaQuantile(double lower_tail, double shape);
double GammaUpperQuantile(double upper_tail, double shape);
double GammaDensity(double x, double shape);

double ChiSquaredUpper(double x, double df);  // P(X >= x); df > 0
double FUpper(double f, double df1, double df2);

double LogGamma(double x);
double Digamma(double x);
double Trigamma(double x);

// A root of f between lower and upper, where f has different signs or is 0, to a relative 1e-14
// (TOMS 748).
double FindRoot(const std::function<double(double)>& f, double lower, double upper);

}  // namespace holdfast::statistics
