// The console's files as the build of web/ left them, inside the binary.
#pragma once

#include <span>
#include <string_view>

namespace holdfast::gateway {

struct WebAsset {
  std::string_view name;  // "app-PAM3WE5D.js"
  std::string_view content_type;
  std::string_view bytes;
  std::string_view gzip;
};

// Empty where the console was not built; the gateway then says how to build it.
std::span<const WebAsset> WebAssets();

}  // namespace holdfast::gateway
