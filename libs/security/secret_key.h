// A key of 32 bytes in memory that is wiped when it is no longer needed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace holdfast {
class Random;
}

namespace holdfast::security {

inline constexpr std::size_t kKeyBytes = 32;

// Overwrites the bytes in a way that no optimiser leaves out.
void Cleanse(void* bytes, std::size_t size);

// Stands in OpenSSL's secure heap while there is room: locked where the system allows it, never in
// a core dump. It is moved, never copied by accident. A key that was moved from has no bytes.
class SecretKey {
 public:
  SecretKey();  // zeros
  static SecretKey Generate(Random& random);
  // Empty unless it is exactly 32 bytes.
  static std::optional<SecretKey> From(std::string_view bytes);
  ~SecretKey();
  SecretKey(SecretKey&& other) noexcept;
  SecretKey& operator=(SecretKey&& other) noexcept;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;

  SecretKey Clone() const;
  std::span<const std::uint8_t, kKeyBytes> bytes() const;
  std::span<std::uint8_t, kKeyBytes> bytes();
  std::string_view view() const;

 private:
  std::uint8_t* bytes_ = nullptr;
};

// The same on the stack, for what lives during one call.
struct BriefKey {
  std::array<std::uint8_t, kKeyBytes> bytes{};
  BriefKey() = default;
  ~BriefKey() { Cleanse(bytes.data(), bytes.size()); }
  BriefKey(const BriefKey&) = delete;
  BriefKey& operator=(const BriefKey&) = delete;
  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

}  // namespace holdfast::security
