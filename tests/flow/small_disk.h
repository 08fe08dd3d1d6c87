// A file system of its own that is small, and can be filled up. Only root may mount one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <sys/mount.h>

#include "absl/strings/str_cat.h"
#include "flow_house.h"

namespace holdfast::flow {

// A file system of so many bytes in memory; gone with this.
class SmallDisk {
 public:
  SmallDisk(std::string folder, std::string_view options) : folder_(std::move(folder)) {
    mounted_ = mount("none", folder_.c_str(), "tmpfs", 0, std::string(options).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  const std::string& folder() const { return folder_; }
  // Leaves so many bytes; others' writes may take them.
  void FillUpTo(std::uint64_t left) const {
    std::ofstream ballast(BallastFile(), std::ios::app | std::ios::binary);
    const std::string piece(4096, 'b');
    while (std::filesystem::space(folder_).available > left && ballast.flush()) ballast << piece;
  }
  void Empty() const { std::filesystem::remove(BallastFile()); }

 private:
  std::string BallastFile() const { return folder_ + "/ballast"; }

  const std::string folder_;
  bool mounted_ = false;
};

// A run that was killed leaves its disk mounted.
inline std::string FolderOfDisk(std::string_view name) {
  umount2(absl::StrCat(::testing::TempDir(), "holdfast-flow-", std::string(name)).c_str(),
          MNT_DETACH);
  return FreshFolder(name);
}

}  // namespace holdfast::flow
