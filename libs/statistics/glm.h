// Log-linear regression of counts (Poisson, or negative binomial of known alpha) by iteratively
// reweighted least squares on Householder QR.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "statistics/outcome.h"

namespace holdfast::statistics {

// [rows x columns], row-major.
struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;

  Matrix(std::size_t row_count, std::size_t column_count)
      : rows(row_count), columns(column_count), values(row_count * column_count) {}
  double& at(std::size_t row, std::size_t column) { return values[row * columns + column]; }
  double at(std::size_t row, std::size_t column) const { return values[row * columns + column]; }
};

struct GlmFit {
  std::vector<double> coefficients;
  Matrix covariance{0, 0};  // unscaled: inverse of X'WX, to be multiplied by the dispersion
  std::vector<double> fitted;
  std::vector<double> deviance_residuals;
  double deviance = 0;
  double pearson = 0;  // chi-squared
  double df = 0;       // rows - columns
};

// counts      [rows], whole, >= 0
// log_offset  [rows], or empty for none
// alpha       variance is mu + alpha mu^2; 0 is Poisson
// Rank-deficient, or rows <= columns: NOT_ESTIMABLE. Not settled in 50 steps: DID_NOT_CONVERGE.
Result<GlmFit> FitLogLinear(std::span<const double> counts, std::span<const double> log_offset,
                            const Matrix& design, double alpha = 0);

}  // namespace holdfast::statistics
