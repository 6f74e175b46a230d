/* bare_publisher PORT MESSAGES WINDOW BYTES: libmosquitto alone, with as many messages in flight as a window allows and nothing
   else to do. Prints messages per second. */
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int in_flight, answered, is_connected;

static void on_connect(struct mosquitto *m, void *o, int code) { is_connected = code == 0; }
static void on_publish(struct mosquitto *m, void *o, int mid) { in_flight--; answered++; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    int messages = atoi(argv[2]), window = atoi(argv[3]), bytes = atoi(argv[4]), sent = 0;
    char *payload = malloc(bytes);
    memset(payload, 'x', bytes);
    mosquitto_lib_init();
    struct mosquitto *m = mosquitto_new("bare", true, NULL);
    mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(m, MOSQ_OPT_SEND_MAXIMUM, 0);
    mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_connect_callback_set(m, on_connect);
    mosquitto_publish_callback_set(m, on_publish);
    if (mosquitto_connect(m, "127.0.0.1", atoi(argv[1]), 60) != 0) return 69;
    while (!is_connected)
        if (mosquitto_loop(m, 100, 1) != 0) return 69;
    double begin = now();
    while (answered < messages) {
        while (in_flight < window && sent < messages) {
            if (mosquitto_publish(m, NULL, "bench/traffic/channel-1", bytes, payload, 1, false) != 0) return 69;
            in_flight++;
            sent++;
        }
        if (mosquitto_loop(m, 100, 1) != 0) return 69;
    }
    printf("%.0f\n", messages / (now() - begin));
    return 0;
}
