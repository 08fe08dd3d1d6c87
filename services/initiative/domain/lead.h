// Which class of agency leads which phase, and to which class an agency belongs.
#pragma once

#include "holdfast/initiative/v1/site.pb.h"
#include "holdfast/type/v1/type.pb.h"

namespace holdfast::initiative {

type::v1::Agency::Class ClassOf(type::v1::Agency::Type type);
type::v1::Agency::Class LeadClassOf(v1::Phase::Code phase);

}  // namespace holdfast::initiative
