#pragma once
#include <mosquitto.h>
#include <mqtt_protocol.h>
/* Swift's Glibc module leaves this one out; the publisher's thread is woken by an eventfd. */
#include <sys/eventfd.h>
/* libmosquitto is itself linked to OpenSSL, and hands its session out. */
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

/* X509_V_... of the peer's certificate in an SSL session. */
static inline long reallabor_tls_verdict(void *session) { return SSL_get_verify_result((const SSL *)session); }

/* Payload bytes that came in on a TCP socket so far; 0 where the kernel (before 4.1) does not tell. The C library's struct
   ends before `tcpi_bytes_received`, and linux/tcp.h does not go with it: 128 is its offset there, which is kernel ABI. */
static inline unsigned long long reallabor_bytes_received(int socket) {
    unsigned char info[136];
    socklen_t size = sizeof info;
    unsigned long long received;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, info, &size) != 0 || size < sizeof info) return 0;
    memcpy(&received, info + 128, sizeof received);
    return received;
}
