// A digest of rows that does not depend on their order: the sum, modulo 2^256, of
// HMAC-SHA-256(dataset key, canonical row). Base plus changes equals file, provable without rows.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "ingest/street_reader.h"

namespace holdfast::ingest {

// A sum of row hashes, read as big-endian numbers. The same row twice counts twice.
class MultisetDigest {
 public:
  MultisetDigest() = default;
  // From the bytes of ToHash().
  static MultisetDigest FromHash(const Hash& hash);

  void Add(const Hash& row);
  void Remove(const Hash& row);
  MultisetDigest& operator+=(const MultisetDigest& other);
  MultisetDigest& operator-=(const MultisetDigest& other);
  Hash ToHash() const;
  friend bool operator==(const MultisetDigest&, const MultisetDigest&) = default;

 private:
  std::array<std::uint64_t, 4> limbs_{};  // least significant first
};

// Appends the one encoding of a row. On disk for ever, by way of digests: a version byte (1), month
// as year * 12 + month - 1, category, point, then each text with its length before it. "Falls
// within" is left empty where it repeats "Reported by".
void AppendCanonicalRow(std::string& out, const StreetRow& row);

// Hashes rows under one dataset key. Not thread-safe.
class RowDigester {
 public:
  explicit RowDigester(std::string_view dataset_key) : hmac_(dataset_key) {}

  Hash operator()(const StreetRow& row);
  // Of a row encoded by the caller; encodings of other kinds begin with another version byte.
  Hash operator()(std::string_view canonical_row);

 private:
  HmacSha256 hmac_;
  std::string scratch_;
};

}  // namespace holdfast::ingest
