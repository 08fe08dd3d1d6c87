#include "app/main.h"

#include "initiative/initiative_service.h"
#include "initiative/publish_shipped.h"

int main(int argc, char** argv) {
  return holdfast::app::Main(argc, argv, {holdfast::initiative::Initiative}, nullptr,
                             holdfast::initiative::PublishShipped);
}
