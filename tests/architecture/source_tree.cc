#include "source_tree.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace holdfast::architecture {
namespace {

namespace fs = std::filesystem;

bool IsMade(const std::string& name) {
  static constexpr std::array<std::string_view, 10> kMade = {
      ".git",         "bin",  "build", ".cache",     ".data", ".data-deployment",
      "node_modules", "dist", "gen",   "__pycache__"};
  return std::find(kMade.begin(), kMade.end(), name) != kMade.end();
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.ends_with(end);
}

}  // namespace

void SourceTree::Add(std::string path, std::string text) {
  paths.insert(path);
  files.push_back({std::move(path), std::move(text)});
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (text.find('\0') != std::string::npos) text.clear();
  return text;
}

SourceTree ReadTree(const std::string& root) {
  std::vector<std::string> found;
  std::error_code error;
  fs::recursive_directory_iterator entry(root, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_directory(error)) {
      if (IsMade(entry->path().filename().string())) entry.disable_recursion_pending();
    } else if (entry->is_regular_file(error)) {
      found.push_back(entry->path().lexically_relative(root).generic_string());
    }
  }
  std::sort(found.begin(), found.end());
  SourceTree tree;
  const std::string folder = root + "/";
  for (std::string& path : found) {
    std::string text = ReadFile(std::string(folder).append(path));
    tree.Add(std::move(path), std::move(text));
  }
  return tree;
}

std::string ProjectRoot() {
  for (fs::path folder = fs::current_path(); folder.has_relative_path();
       folder = folder.parent_path()) {
    if (fs::exists(folder / "CMakePresets.json")) return folder.string();
  }
  return fs::current_path().string();
}

bool IsCpp(std::string_view path) {
  return EndsWith(path, ".h") || EndsWith(path, ".cc") || EndsWith(path, ".hpp") ||
         EndsWith(path, ".cpp");
}

bool IsTestCode(std::string_view path) {
  const std::string_view stem = path.substr(0, path.rfind('.'));
  return EndsWith(stem, "_test") || EndsWith(stem, "_contract") || EndsWith(stem, "_fixtures");
}

std::string_view FileName(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace holdfast::architecture
