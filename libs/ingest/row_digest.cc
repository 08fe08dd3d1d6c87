#include "ingest/row_digest.h"

#include <cstddef>

#include "base/month_number.h"

namespace holdfast::ingest {
namespace {

constexpr char kStreetRowVersion = 1;

__extension__ typedef unsigned __int128 Wide;  // NOLINT(modernize-use-using): an extension

// Lengths below 128 take one byte, the others four; a row has no text longer than 400 bytes,
// since its reader rejects it.
void AppendText(std::string& out, std::string_view text) {
  if (text.size() < 0x80) {
    out.push_back(static_cast<char>(text.size()));
  } else {
    AppendBigEndian32(out, static_cast<std::uint32_t>(text.size()) | 0x8000'0000U);
  }
  out.append(text);
}

}  // namespace

MultisetDigest MultisetDigest::FromHash(const Hash& hash) {
  MultisetDigest out;
  for (std::size_t i = 0; i < 4; ++i) {
    out.limbs_[3 - i] = ReadBigEndian64(AsBytes(hash).substr(i * 8, 8));
  }
  return out;
}

Hash MultisetDigest::ToHash() const {
  Hash out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(limbs_[3 - i / 8] >> (56 - 8 * (i % 8)));
  }
  return out;
}

MultisetDigest& MultisetDigest::operator+=(const MultisetDigest& other) {
  Wide carry = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    carry += Wide{limbs_[i]} + other.limbs_[i];
    limbs_[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64U;
  }
  return *this;
}

MultisetDigest& MultisetDigest::operator-=(const MultisetDigest& other) {
  // Plus the complement, plus one.
  Wide carry = 1;
  for (std::size_t i = 0; i < 4; ++i) {
    carry += Wide{limbs_[i]} + ~other.limbs_[i];
    limbs_[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64U;
  }
  return *this;
}

void MultisetDigest::Add(const Hash& row) {
  *this += FromHash(row);
}
void MultisetDigest::Remove(const Hash& row) {
  *this -= FromHash(row);
}

void AppendCanonicalRow(std::string& out, const StreetRow& row) {
  out.push_back(kStreetRowVersion);
  AppendBigEndian32(out, static_cast<std::uint32_t>(MonthNumber(row.month)));
  out.push_back(static_cast<char>(row.category));
  out.push_back(row.has_point ? 1 : 0);
  if (row.has_point) {
    AppendBigEndian32(out, static_cast<std::uint32_t>(row.lon_e6));
    AppendBigEndian32(out, static_cast<std::uint32_t>(row.lat_e6));
  }
  AppendText(out, row.crime_id);
  AppendText(out, row.reported_by);
  AppendText(out, row.falls_within == row.reported_by ? std::string_view() : row.falls_within);
  AppendText(out, row.location);
  AppendText(out, row.lsoa_code);
  AppendText(out, row.lsoa_name);
  AppendText(out, row.last_outcome);
  AppendText(out, row.context);
}

Hash RowDigester::operator()(const StreetRow& row) {
  scratch_.clear();
  AppendCanonicalRow(scratch_, row);
  return (*this)(scratch_);
}

Hash RowDigester::operator()(std::string_view canonical_row) {
  return hmac_.Update(canonical_row).Finish();
}

}  // namespace holdfast::ingest
