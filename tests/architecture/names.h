// Names, sizes and furniture: what the style asks of files as such.
#pragma once

#include "fault.h"
#include "source_tree.h"

namespace holdfast::architecture {

constexpr int kMaxLines = 800;

// Every file of the tree:
//   a name that says nothing: utils, helper, common, manager
//   a source of more than kMaxLines lines
//   a path of the builder's machine, or a host of a package registry
//   a promise (to do, to fix) without an owner in brackets
//   a header without `#pragma once` or an opening comment
//   a test that sleeps
// and every folder below services/ that is built: README.md and main.cc.
Faults CheckNames(const SourceTree& tree);

}  // namespace holdfast::architecture
