/* The end of /metrics: as of the scrape, though most of it is kept from one
 * scrape to the next. */

#include "tests/support/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/text.h"
#include "exporter/counters.h"
#include "exporter/log.h"
#include "exporter/render/metrics.h"
#include "exporter/snapshot.h"
#include "tests/support/folder.h"
#include "tests/support/scrape.h"
#include "tests/support/web_estate.h"

/* The value behind 'series' in an answer, plain or compressed. */
static unsigned long
value_of(const struct web_estate *estate, const char *series, int gzip)
{
    const struct snapshot *snapshot = publisher_acquire(estate->publisher);
    struct text answer, plain;
    text_init(&answer);
    text_init(&plain);

    scrape_append(gzip ? &answer : &plain, snapshot->exposition,
                  EXPOSITION_TEXT, gzip);
    if (gzip) {
        assert_true(scrape_inflate(&answer, &plain));
    }
    const char *at = strstr(plain.data, series);
    unsigned long value = 0;
    assert_non_null(at);
    assert_int_equal(sscanf(at + strlen(series), " %lu\n", &value), 1);

    text_clear(&answer);
    text_clear(&plain);
    snapshot_unref(snapshot);
    return value;
}

static void
test_what_was_counted_shows_in_the_next_scrape(void **state)
{
    static const struct {
        const char *series;
        enum handler handler;
        unsigned int code;
    } cases[] = {
        { "http_requests_total{handler=\"metrics\",code=\"200\"}",
          HANDLER_METRICS, 200 },
        { "http_requests_total{handler=\"metrics\",code=\"401\"}",
          HANDLER_METRICS, 401 },
        { "http_requests_total{handler=\"flow\",code=\"404\"}", HANDLER_FLOW,
          404 },
        { "http_requests_total{handler=\"other\",code=\"405\"}", HANDLER_OTHER,
          405 },
    };
    struct web_estate estate;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (int gzip = 0; gzip < 2; gzip++) {
            unsigned long before = value_of(&estate, cases[i].series, gzip);
            counters_http_request(cases[i].handler, cases[i].code);
            assert_int_equal(value_of(&estate, cases[i].series, gzip),
                             before + 1);
            assert_int_equal(value_of(&estate, cases[i].series, !gzip),
                             before + 1);
        }
    }
    web_estate_end(&estate);
}

static void
test_logs_and_reloads_show_in_the_next_scrape(void **state)
{
    static const char logs[] = "log_messages_total{level=\"debug\"}";
    static const char reload[] = "\nflowverify_config_last_reload_successful";
    struct web_estate estate;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);
    unsigned long before = value_of(&estate, logs, 1);

    log_debug("one more", NULL);
    assert_int_equal(value_of(&estate, logs, 1), before + 1);

    counters_reload(true, 1795255200000);
    assert_int_equal(value_of(&estate, reload, 1), 1);
    counters_reload(false, 1795255200000);
    assert_int_equal(value_of(&estate, reload, 1), 0);
    counters_reload(true, 1795255260000);
    assert_int_equal(
        value_of(&estate,
                 "\nflowverify_config_last_reload_success_timestamp_seconds",
                 1),
        1795255260);
    web_estate_end(&estate);
}

/* The tail relies on it: what scrapes change can only stand at the end. */
static void
test_scrapes_change_the_last_family_alone(void **state)
{
    (void) state;
    const struct metric_family *families;
    size_t n = metric_families(&families);

    for (size_t i = 0; i < n; i++) {
        assert_int_equal(families[i].emit_scrape != NULL, i + 1 == n);
    }
    assert_non_null(families[n - 1].emit_live);
}

static void
test_no_series_of_requests_is_shown_twice(void **state)
{
    static const char series[] =
        "http_requests_total{handler=\"metrics\",code=\"200\"} ";
    struct web_estate estate;
    struct text text;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);
    const struct snapshot *snapshot = publisher_acquire(estate.publisher);
    text_init(&text);

    scrape_append(&text, snapshot->exposition, EXPOSITION_TEXT, 0);

    const char *at = strstr(text.data, series);
    assert_non_null(at);
    assert_null(strstr(at + 1, series));
    text_clear(&text);
    snapshot_unref(snapshot);
    web_estate_end(&estate);
}

struct crowd {
    struct publisher *publisher;
    atomic_bool ended;
    atomic_uint answers, broken;
};

static void *
scrape_on(void *aux)
{
    struct crowd *crowd = aux;
    struct text answer, plain;
    text_init(&answer);
    text_init(&plain);
    for (unsigned int i = 0; i < 10 || !atomic_load(&crowd->ended); i++) {
        const struct snapshot *snapshot = publisher_acquire(crowd->publisher);
        text_reset(&answer);
        text_reset(&plain);
        scrape_append(&answer, snapshot->exposition,
                      (enum exposition_format)(i % N_EXPOSITION_FORMATS), 1);
        bool whole = scrape_inflate(&answer, &plain)
                     && strstr(plain.data, "\nprocess_open_fds ");
        atomic_fetch_add(&crowd->broken, !whole);
        atomic_fetch_add(&crowd->answers, 1);
        snapshot_unref(snapshot);
    }
    text_clear(&answer);
    text_clear(&plain);
    return NULL;
}

static void
test_answers_are_whole_while_all_changes(void **state)
{
    enum { THREADS = 3, CYCLES = 60 };
    struct web_estate estate;
    pthread_t threads[THREADS];
    web_estate_start(&estate, *state);
    web_estate_run(&estate);
    struct crowd crowd = { .publisher = estate.publisher };

    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, scrape_on, &crowd),
                         0);
    }
    for (unsigned int i = 0; i < CYCLES; i++) {
        fake_clock_advance(&estate.clock, 60000);
        web_estate_run(&estate);
        counters_http_request(HANDLER_INDEX, 200);
        counters_http_request(HANDLER_METRICS, 200);
    }
    atomic_store(&crowd.ended, true);
    for (size_t i = 0; i < THREADS; i++) {
        (void) pthread_join(threads[i], NULL);
    }

    assert_true(atomic_load(&crowd.answers) >= THREADS * 10);
    assert_int_equal(atomic_load(&crowd.broken), 0);
    web_estate_end(&estate);
}

int
main(void)
{
    log_configure(N_LOG_LEVELS, LOG_FORMAT_LOGFMT);
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_what_was_counted_shows_in_the_next_scrape),
        FOLDER_TEST(test_logs_and_reloads_show_in_the_next_scrape),
        cmocka_unit_test(test_scrapes_change_the_last_family_alone),
        FOLDER_TEST(test_no_series_of_requests_is_shown_twice),
        FOLDER_TEST(test_answers_are_whole_while_all_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
