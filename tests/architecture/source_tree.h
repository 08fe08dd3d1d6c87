// The files of the project as the guards see them: path from the root, and text.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::architecture {

struct SourceFile {
  std::string path;  // from the root, with slashes: "libs/base/hash.cc"
  std::string text;
};

struct SourceTree {
  std::vector<SourceFile> files;  // in order of their paths
  std::set<std::string, std::less<>> paths;

  void Add(std::string path, std::string text);
  bool Has(std::string_view path) const { return paths.find(path) != paths.end(); }
};

// All files below `root` but what is built, fetched or kept by tools (build, bin, .git,
// node_modules …). Text that is not UTF-8-like (holds a NUL) is left empty. Throws nothing; an
// unreadable file is empty.
SourceTree ReadTree(const std::string& root);

// The root of the project: the working folder of ctest, or the next one above it that is a project.
std::string ProjectRoot();

std::string ReadFile(const std::string& path);

bool IsCpp(std::string_view path);
// Code that only tests enter: `*_test`, a contract suite `*_contract`, fixtures `*_fixtures`.
bool IsTestCode(std::string_view path);
std::string_view FileName(std::string_view path);

}  // namespace holdfast::architecture
