#include "statistics/glm.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "statistics/neumaier_sum.h"

namespace holdfast::statistics {
namespace {

constexpr int kMostSteps = 50;
constexpr double kSettled = 1e-12;

// Least squares by Householder reflections, in place. After Solve, `triangle` holds R above and on
// its diagonal.
struct LeastSquares {
  Matrix triangle;
  std::vector<double> right;

  // False where a column is, to rounding, a sum of others.
  bool Reduce() {
    std::vector<double> norms(triangle.columns);
    for (std::size_t k = 0; k < triangle.columns; ++k) norms[k] = Norm(0, k);
    for (std::size_t k = 0; k < triangle.columns; ++k) {
      const double norm = Norm(k, k);
      if (!(norm > 1e-10 * norms[k])) return false;
      Reflect(k, triangle.at(k, k) > 0 ? -norm : norm);
    }
    return true;
  }

  std::vector<double> Solve() const {
    std::vector<double> solution(triangle.columns);
    for (std::size_t k = triangle.columns; k-- > 0;) {
      double value = right[k];
      for (std::size_t j = k + 1; j < triangle.columns; ++j)
        value -= triangle.at(k, j) * solution[j];
      solution[k] = value / triangle.at(k, k);
    }
    return solution;
  }

  // Inverse of R'R.
  Matrix InverseOfSquare() const {
    const std::size_t n = triangle.columns;
    Matrix inverse(n, n);  // of R
    for (std::size_t k = 0; k < n; ++k) {
      inverse.at(k, k) = 1 / triangle.at(k, k);
      for (std::size_t i = k; i-- > 0;) {
        double value = 0;
        for (std::size_t j = i + 1; j <= k; ++j) value -= triangle.at(i, j) * inverse.at(j, k);
        inverse.at(i, k) = value / triangle.at(i, i);
      }
    }
    Matrix square(n, n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        NeumaierSum sum;
        for (std::size_t k = std::max(i, j); k < n; ++k)
          sum.Add(inverse.at(i, k) * inverse.at(j, k));
        square.at(i, j) = sum.Total();
      }
    }
    return square;
  }

 private:
  double Norm(std::size_t first_row, std::size_t column) const {
    double norm = 0;
    for (std::size_t i = first_row; i < triangle.rows; ++i)
      norm = std::hypot(norm, triangle.at(i, column));
    return norm;
  }

  void Reflect(std::size_t k, double diagonal) {
    std::vector<double> mirror(triangle.rows, 0);
    for (std::size_t i = k; i < triangle.rows; ++i) mirror[i] = triangle.at(i, k);
    mirror[k] -= diagonal;
    NeumaierSum square;
    for (const double value : mirror) square.Add(value * value);
    const double scale = 2 / square.Total();
    for (std::size_t j = k; j < triangle.columns; ++j) {
      NeumaierSum product;
      for (std::size_t i = k; i < triangle.rows; ++i) product.Add(mirror[i] * triangle.at(i, j));
      const double factor = scale * product.Total();
      for (std::size_t i = k; i < triangle.rows; ++i) triangle.at(i, j) -= factor * mirror[i];
    }
    NeumaierSum product;
    for (std::size_t i = k; i < triangle.rows; ++i) product.Add(mirror[i] * right[i]);
    const double factor = scale * product.Total();
    for (std::size_t i = k; i < triangle.rows; ++i) right[i] -= factor * mirror[i];
  }
};

// Twice the log-likelihood that one row lacks to a perfect fit.
double UnitDeviance(double y, double mu, double alpha) {
  const double at_count = y > 0 ? y * std::log(y / mu) : 0;
  if (alpha == 0) return std::max(0.0, 2 * (at_count - (y - mu)));
  return std::max(
      0.0, 2 * (at_count - (y + 1 / alpha) * (std::log1p(alpha * y) - std::log1p(alpha * mu))));
}

double Deviance(std::span<const double> counts, std::span<const double> fitted, double alpha) {
  NeumaierSum deviance;
  for (std::size_t i = 0; i < counts.size(); ++i)
    deviance.Add(UnitDeviance(counts[i], fitted[i], alpha));
  return deviance.Total();
}

class Iteration {
 public:
  Iteration(std::span<const double> counts, std::span<const double> log_offset,
            const Matrix& design, double alpha)
      : counts_(counts), offset_(log_offset), design_(design), alpha_(alpha) {
    for (const double count : counts) linear_.push_back(std::log(count + 0.1));
  }

  // One weighted least-squares step; false where the design is rank-deficient.
  bool Step() {
    LeastSquares squares{Matrix(design_.rows, design_.columns), std::vector<double>(design_.rows)};
    for (std::size_t i = 0; i < design_.rows; ++i) {
      const double mu = std::exp(linear_[i]);
      const double root = std::sqrt(mu / (1 + alpha_ * mu));
      for (std::size_t j = 0; j < design_.columns; ++j)
        squares.triangle.at(i, j) = root * design_.at(i, j);
      squares.right[i] = root * (linear_[i] - Offset(i) + (counts_[i] - mu) / mu);
    }
    if (!squares.Reduce()) return false;
    fit_.coefficients = squares.Solve();
    fit_.covariance = squares.InverseOfSquare();
    for (std::size_t i = 0; i < design_.rows; ++i) {
      NeumaierSum eta;
      eta.Add(Offset(i));
      for (std::size_t j = 0; j < design_.columns; ++j)
        eta.Add(design_.at(i, j) * fit_.coefficients[j]);
      linear_[i] = eta.Total();
    }
    fit_.fitted.resize(design_.rows);
    std::transform(linear_.begin(), linear_.end(), fit_.fitted.begin(),
                   [](double eta) { return std::exp(eta); });
    fit_.deviance = Deviance(counts_, fit_.fitted, alpha_);
    return true;
  }

  GlmFit& fit() { return fit_; }

  void Finish() {
    NeumaierSum pearson;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      const double mu = fit_.fitted[i];
      const double apart = counts_[i] - mu;
      pearson.Add(apart * apart / (mu + alpha_ * mu * mu));
      fit_.deviance_residuals.push_back(
          std::copysign(std::sqrt(UnitDeviance(counts_[i], mu, alpha_)), apart));
    }
    fit_.pearson = pearson.Total();
    fit_.df = static_cast<double>(design_.rows - design_.columns);
  }

 private:
  double Offset(std::size_t row) const { return offset_.empty() ? 0 : offset_[row]; }

  std::span<const double> counts_;
  std::span<const double> offset_;
  const Matrix& design_;
  double alpha_;
  std::vector<double> linear_;
  GlmFit fit_;
};

bool AllFinite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value); });
}

}  // namespace

Result<GlmFit> FitLogLinear(std::span<const double> counts, std::span<const double> log_offset,
                            const Matrix& design, double alpha) {
  const bool counted = std::all_of(counts.begin(), counts.end(), [](double y) {
    return y >= 0 && y == std::floor(y) && y <= static_cast<double>(kMaxCount);
  });
  if (!counted || counts.size() != design.rows || !AllFinite(design.values) ||
      (!log_offset.empty() && (log_offset.size() != design.rows || !AllFinite(log_offset))) ||
      !(alpha >= 0) || !std::isfinite(alpha))
    return Because(Undefined::kInputOutOfRange);
  if (design.columns == 0 || design.rows <= design.columns)
    return Because(Undefined::kNotEstimable);
  if (std::all_of(counts.begin(), counts.end(), [](double y) { return y == 0; }))
    return Because(Undefined::kNoEvents);

  Iteration iteration(counts, log_offset, design, alpha);
  double before = std::numeric_limits<double>::max();
  for (int step = 0; step < kMostSteps; ++step) {
    if (!iteration.Step()) return Because(Undefined::kNotEstimable);
    const double deviance = iteration.fit().deviance;
    if (!std::isfinite(deviance)) return Because(Undefined::kDidNotConverge);
    if (std::abs(deviance - before) <= kSettled * (std::abs(deviance) + 0.1)) {
      iteration.Finish();
      return std::move(iteration.fit());
    }
    before = deviance;
  }
  return Because(Undefined::kDidNotConverge);
}

}  // namespace holdfast::statistics
