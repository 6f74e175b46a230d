#pragma once
#include <mosquitto.h>
#include <mqtt_protocol.h>
/* Swift's Glibc module leaves this one out; the publisher's thread is woken by an eventfd. */
#include <sys/eventfd.h>
