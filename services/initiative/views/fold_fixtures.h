// Folds facts into the rows of one view, as the projector does.
#pragma once

#include "testing/folded.h"

namespace holdfast::initiative {

using testing::Folded;

}  // namespace holdfast::initiative
