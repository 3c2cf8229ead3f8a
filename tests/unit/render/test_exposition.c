/* /metrics: every family, in both formats, plain and compressed. */

#include "tests/support/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/text.h"
#include "exporter/counters.h"
#include "exporter/render/exposition.h"
#include "exporter/render/metrics.h"
#include "exporter/snapshot.h"
#include "tests/support/folder.h"
#include "tests/support/scrape.h"
#include "tests/support/web_estate.h"

static void
test_each_flow_has_all_its_series(void **state)
{
    static const char *const lines[] = {
        "flowverify_flow_info{flow=\"web\",expected=\"allow\",direction="
        "\"inbound\",protocol=\"Tcp\",source=\"203.0.113.9\",source_port="
        "\"*\",destination=\"rg-a/nic-a\",destination_port=\"443\",nic="
        "\"rg-a/nic-a\",label_team=\"quote\\\" slash\\\\ \xef\xbf\xbd end\"} "
        "1",
        "flowverify_flow_verdict{flow=\"web\",verdict=\"allow\"} 1",
        "flowverify_flow_verdict{flow=\"web\",verdict=\"deny\"} 0",
        "flowverify_flow_verdict{flow=\"web\",verdict=\"partial\"} 0",
        "flowverify_flow_verdict{flow=\"web\",verdict=\"unknown\"} 0",
        "flowverify_flow_expectation_violated{flow=\"web-closed\",expected="
        "\"deny\"} 1",
        "flowverify_flow_expectation_violated{flow=\"half\",expected="
        "\"allow\"} 1",
        "flowverify_flow_allowed_ratio{flow=\"half\"} 0.5",
        "flowverify_flow_decision_info{flow=\"web\",side=\"destination\","
        "layer=\"subnet_nsg\",ruleset=\"rg-a/nsg-a\",rule=\"allow-web\","
        "rule_kind=\"custom\"} 1",
        "flowverify_flow_decision_info{flow=\"lost\",side=\"\",layer=\"none\","
        "ruleset=\"\",rule=\"\",rule_kind=\"none\"} 1",
        "flowverify_flow_decision_priority{flow=\"web\"} 100",
        "flowverify_flow_decision_priority{flow=\"lost\"} 0",
        "flowverify_flow_layer_denies{flow=\"admin/a:1\",side=\"destination\","
        "layer=\"subnet_nsg\"} 1",
        "flowverify_flow_layer_denies{flow=\"lost\",side=\"source\",layer="
        "\"admin\"} 0",
        "flowverify_flow_verdict_changes_total{flow=\"web\"} 0",
        "flowverify_flow_decision_changes_total{flow=\"web\"} 0",
        "flowverify_flow_evaluation_failures_total{flow=\"lost\"} 1",
        "flowverify_flow_data_timestamp_seconds{flow=\"web\"} 1795255200",
        "flowverify_flows 5",
        "flowverify_flows_evaluated 4",
        "flowverify_evaluation_failures_total{reason=\"nic_not_found\"} 1",
        "flowverify_evaluation_failures_total{reason=\"internal\"} 0",
        "flowverify_feed_up{feed=\"nsg\",scope=\"directory\"} 1",
        "flowverify_fetch_failures_total{api=\"token\",reason=\"timeout\"} 0",
        "flowverify_fetch_duration_seconds_bucket{api=\"nsg\",le=\"+Inf\"} 0",
        "flowverify_token_expiry_timestamp_seconds 0",
        "flowverify_cycles_total 1",
        "flowverify_cycle_interval_seconds 60",
    };
    struct web_estate estate;
    struct text text;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);
    const struct snapshot *snapshot = publisher_acquire(estate.publisher);
    text_init(&text);

    scrape_append(&text, snapshot->exposition, EXPOSITION_TEXT, 0);

    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        if (!scrape_has(&text, lines[i])) {
            fail_msg("missing: %s", lines[i]);
        }
    }
    text_clear(&text);
    snapshot_unref(snapshot);
    web_estate_end(&estate);
}

static void
test_every_family_is_described_once_and_in_order(void **state)
{
    struct web_estate estate;
    const struct metric_family *families;
    size_t n = metric_families(&families);
    struct text text;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);
    const struct snapshot *snapshot = publisher_acquire(estate.publisher);
    text_init(&text);
    scrape_append(&text, snapshot->exposition, EXPOSITION_TEXT, 0);

    const char *at = text.data;
    for (size_t i = 0; i < n; i++) {
        char line[256];
        (void) snprintf(line, sizeof line, "# HELP %s ", families[i].name);
        const char *found = strstr(at, line);
        if (!found) {
            fail_msg("%s is missing or out of order", families[i].name);
            return;
        }
        at = found + 1;
        assert_null(strstr(at, line));
    }
    text_clear(&text);
    snapshot_unref(snapshot);
    web_estate_end(&estate);
}

static void
test_openmetrics_differs_in_its_descriptions_only(void **state)
{
    struct web_estate estate;
    struct text text, om;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);
    const struct snapshot *snapshot = publisher_acquire(estate.publisher);
    text_init(&text);
    text_init(&om);

    scrape_append(&text, snapshot->exposition, EXPOSITION_TEXT, 0);
    scrape_append(&om, snapshot->exposition, EXPOSITION_OPENMETRICS, 0);

    assert_true(scrape_has(&om, "# TYPE flowverify_flow info"));
    assert_true(scrape_has(&text, "# TYPE flowverify_flow_info gauge"));
    assert_true(scrape_has(&om, "# TYPE flowverify_cycles counter"));
    assert_true(scrape_has(&text, "# TYPE flowverify_cycles_total counter"));
    assert_true(scrape_has(&om, "# UNIT flowverify_cycle_interval_seconds "
                                "seconds"));
    assert_null(strstr(text.data, "# UNIT"));
    assert_null(strstr(text.data, "# EOF"));
    assert_string_equal(om.data + om.length - 6, "# EOF\n");
    assert_null(strstr(om.data, "\n\n"));
    /* The samples of flows are the same bytes. */
    const char *sample = strstr(text.data, "flowverify_flow_verdict{");
    const char *end = strstr(sample, "# HELP");
    char *same = strndup(sample, (size_t) (end - sample));
    assert_non_null(strstr(om.data, same));
    free(same);
    text_clear(&text);
    text_clear(&om);
    snapshot_unref(snapshot);
    web_estate_end(&estate);
}

static void
test_gzip_is_one_member_of_the_same_text(void **state)
{
    struct web_estate estate;
    struct text plain, packed, unpacked;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);
    const struct snapshot *snapshot = publisher_acquire(estate.publisher);

    for (unsigned int f = 0; f < N_EXPOSITION_FORMATS; f++) {
        text_init(&plain);
        text_init(&packed);
        text_init(&unpacked);
        scrape_append(&plain, snapshot->exposition, (enum exposition_format) f,
                      0);
        scrape_append(&packed, snapshot->exposition,
                      (enum exposition_format) f, 1);
        assert_true(scrape_inflate(&packed, &unpacked));
        /* The tail is live: what comes before it is the same. */
        const char *live =
            strstr(plain.data, "flowverify_config_last_reload_successful");
        size_t cached = (size_t) (live - plain.data);
        assert_true(cached > 1000);
        assert_memory_equal(plain.data, unpacked.data, cached);
        assert_true(packed.length < plain.length / 2);
        text_clear(&plain);
        text_clear(&packed);
        text_clear(&unpacked);
    }
    snapshot_unref(snapshot);
    web_estate_end(&estate);
}

static void
test_an_answer_is_as_long_as_it_says(void **state)
{
    struct web_estate estate;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);
    const struct snapshot *snapshot = publisher_acquire(estate.publisher);

    for (int i = 0; i < 4; i++) {
        struct exposition_answer answer;
        size_t size = 0;
        exposition_answer(snapshot->exposition,
                          (enum exposition_format)(i / 2), i % 2, &answer);
        for (size_t k = 0; k < answer.n_pieces; k++) {
            size += answer.pieces[k].size;
        }
        assert_int_equal(size, answer.size);
        exposition_answer_clear(&answer);
    }
    snapshot_unref(snapshot);
    web_estate_end(&estate);
}

/* The first is one piece, whose end is in use until it was sent. */
static void
test_compressed_answers_do_not_disturb_each_other(void **state)
{
    enum { ANSWERS = 3 };
    struct web_estate estate;
    struct exposition_answer answers[ANSWERS], again;
    uint64_t before = counters_scrapes();
    web_estate_start(&estate, *state);
    web_estate_run(&estate);
    const struct snapshot *snapshot = publisher_acquire(estate.publisher);

    for (size_t i = 0; i < ANSWERS; i++) {
        exposition_answer(snapshot->exposition, EXPOSITION_TEXT, 1,
                          &answers[i]);
        counters_http_request(HANDLER_METRICS, 200);
    }

    assert_int_equal(answers[0].n_pieces, 1);
    for (size_t i = 0; i < ANSWERS; i++) {
        struct text packed, plain;
        text_init(&packed);
        text_init(&plain);
        for (size_t k = 0; k < answers[i].n_pieces; k++) {
            text_append_bytes(&packed, answers[i].pieces[k].bytes,
                              answers[i].pieces[k].size);
        }
        assert_int_equal(packed.length, answers[i].size);
        assert_true(scrape_inflate(&packed, &plain));
        char line[96];
        (void) snprintf(line, sizeof line,
                        "flowverify_http_requests_total{handler=\"metrics\","
                        "code=\"200\"} %" PRIu64,
                        before + i);
        assert_true(scrape_has(&plain, line));
        text_clear(&packed);
        text_clear(&plain);
    }
    exposition_answer_clear(&answers[0]);
    exposition_answer(snapshot->exposition, EXPOSITION_TEXT, 1, &again);
    assert_int_equal(again.n_pieces, 1);

    exposition_answer_clear(&again);
    exposition_answer_clear(&answers[1]);
    exposition_answer_clear(&answers[2]);
    snapshot_unref(snapshot);
    web_estate_end(&estate);
}

/* What did not change is taken over, what did is compressed anew, and both
 * fit together, in a series of expositions made of each other. */
static void
test_each_exposition_of_a_series_is_whole(void **state)
{
    struct web_estate estate;
    struct text packed, plain, unpacked;
    web_estate_start(&estate, *state);
    text_init(&packed);
    text_init(&plain);
    text_init(&unpacked);

    for (unsigned int i = 0; i < 12; i++) {
        enum exposition_format format = (enum exposition_format)(i % 2);
        fake_clock_advance(&estate.clock, i < 6 ? 1000 : 3600000);
        web_estate_run(&estate);
        const struct snapshot *snapshot = publisher_acquire(estate.publisher);
        text_reset(&packed);
        text_reset(&plain);
        text_reset(&unpacked);
        scrape_append(&plain, snapshot->exposition, format, 0);
        scrape_append(&packed, snapshot->exposition, format, 1);
        assert_true(scrape_inflate(&packed, &unpacked));
        const char *live =
            strstr(plain.data, "flowverify_config_last_reload_successful");
        assert_memory_equal(plain.data, unpacked.data,
                            (size_t) (live - plain.data));
        snapshot_unref(snapshot);
    }
    text_clear(&packed);
    text_clear(&plain);
    text_clear(&unpacked);
    web_estate_end(&estate);
}

static void
test_unchanged_bytes_are_shared_with_the_exposition_before(void **state)
{
    struct web_estate estate;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);
    const struct snapshot *snapshot = publisher_acquire(estate.publisher);

    struct exposition *second =
        exposition_create(snapshot, snapshot->exposition);

    struct exposition_answer a, b;
    size_t shared = 0;
    exposition_answer(snapshot->exposition, EXPOSITION_TEXT, 0, &a);
    exposition_answer(second, EXPOSITION_TEXT, 0, &b);
    assert_int_equal(a.n_pieces, b.n_pieces);
    for (size_t i = 0; i + 1 < a.n_pieces; i++) {
        shared += a.pieces[i].bytes == b.pieces[i].bytes;
    }
    assert_true(shared + 2 >= a.n_pieces - 1);
    exposition_answer_clear(&a);
    exposition_answer_clear(&b);
    exposition_unref(second);
    snapshot_unref(snapshot);
    web_estate_end(&estate);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_each_flow_has_all_its_series),
        FOLDER_TEST(test_every_family_is_described_once_and_in_order),
        FOLDER_TEST(test_openmetrics_differs_in_its_descriptions_only),
        FOLDER_TEST(test_gzip_is_one_member_of_the_same_text),
        FOLDER_TEST(test_an_answer_is_as_long_as_it_says),
        FOLDER_TEST(test_compressed_answers_do_not_disturb_each_other),
        FOLDER_TEST(test_each_exposition_of_a_series_is_whole),
        FOLDER_TEST(
            test_unchanged_bytes_are_shared_with_the_exposition_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
