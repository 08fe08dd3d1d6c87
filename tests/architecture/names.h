// Names, sizes and furniture: what the style asks of files as such.
#pragma once

#include "fault.h"
#include "source_tree.h"

namespace holdfast::architecture {

constexpr int kMaxLines = 800;

// Every file of the tree:
//   a name that says nothing (utils, helper, common, manager)      more than kMaxLines lines
//   (sources) a path of the builder's machine, a host of a package registry  a TODO without an
//   owner: TODO(name) a header without `#pragma once` or an opening comment          a test that
//   sleeps
// and every folder below services/ that is built: README.md and main.cc.
Faults CheckNames(const SourceTree& tree);

}  // namespace holdfast::architecture
