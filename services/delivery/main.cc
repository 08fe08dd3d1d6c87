#include "app/main.h"

#include "delivery/delivery_worker.h"

int main(int argc, char** argv) {
  return holdfast::app::Main(argc, argv, {}, nullptr, nullptr, holdfast::delivery::StartDelivery);
}
