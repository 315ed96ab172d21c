// Asks a server instead of the index beside the pages: `beilin serve`, Elasticsearch or OpenSearch, Quickwit.
// Answers as the engine does. Loaded only where the site names an endpoint.
(function () {
  'use strict';

  var TEXTS = ['title', 'body', 'people', 'numbers', 'attachments', 'other'];
  var FIELDS = { kind: 'kind', branch: 'branch', year: 'year', honour: 'honours', date: 'date', person: 'people' };
  var FACETS = ['kind', 'branch', 'year', 'honour'];
  var SOURCE = ['url', 'title', 'kind', 'branch', 'date', 'sections'];

  function fault(code, message) {
    var error = new Error(message);
    error.code = code;
    return error;
  }

  function ask(url, body) {
    var options = body ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {};
    return fetch(url, options).catch(function (error) {
      throw fault('offline', error.message);
    }).then(function (answer) {
      if (!answer.ok) throw fault(answer.status === 404 ? 'missing' : 'failed', answer.status + ' ' + answer.statusText);
      return answer.json().catch(function (error) {
        throw fault('broken', error.message);
      });
    });
  }

  // ---------------------------------------------------------------- what is asked

  // A query with the chosen filters; those of one key are ored.
  function read(query, chosen, without) {
    var parsed = self.BeilinSearch.parse(query);
    var all = parsed.filters.concat((chosen || []).map(function (f) {
      return { key: f.key, value: f.value, not: f.not, isWhole: true };
    }));
    var keys = {};
    all.forEach(function (f) {
      if (f.key === without) return;
      var name = (f.not ? '-' : '+') + f.key;
      keys[name] = (keys[name] || []).concat(f);
    });
    return { groups: parsed.groups, not: parsed.not, filters: keys, words: [].concat.apply([], parsed.groups) };
  }

  // The two ends of a date filter; a month's or a year's end holds all its days.
  function range(value) {
    var ends = value.split('..');
    var from = ends[0];
    var to = ends.length > 1 ? ends[1] : from;
    return { from: from || null, to: to ? to + '~' : null };
  }

  // ---------------------------------------------------------------- what is answered

  function splits(text, words) {
    var low = text.toLowerCase();
    var parts = [];
    var at = 0;
    while (at < text.length) {
      var next = -1;
      var length = 0;
      words.forEach(function (word) {
        var found = low.indexOf(word.toLowerCase(), at);
        if (found >= 0 && (next < 0 || found < next || (found === next && word.length > length))) {
          next = found;
          length = word.length;
        }
      });
      if (next < 0) break;
      if (next > at) parts.push([text.slice(at, next), false]);
      parts.push([text.slice(next, next + length), true]);
      at = next + length;
    }
    if (at < text.length) parts.push([text.slice(at), false]);
    return parts;
  }

  // About ninety characters round the first of the words.
  function excerpt(text, words) {
    var low = text.toLowerCase();
    var first = words.map(function (word) {
      return low.indexOf(word.toLowerCase());
    }).filter(function (at) {
      return at >= 0;
    }).sort(function (a, b) {
      return a - b;
    })[0];
    if (first === undefined) return [];
    var from = Math.max(0, first - 30);
    var to = Math.min(text.length, from + 90);
    return splits((from > 0 ? '……' : '') + text.slice(from, to) + (to < text.length ? '……' : ''), words);
  }

  // A document as a hit: the section that holds a word is where the hit leads.
  function hit(doc, words, score) {
    // What is not known of a page is not in its document.
    var date = doc.date || '';
    var made = { url: doc.url, title: doc.title, titleParts: splits(doc.title || '', words), kind: doc.kind || '', branch: doc.branch || '', date: date, iso: doc.iso || date, score: score, anchor: doc.anchor || '', heading: doc.heading || '', excerpt: [] };
    if (doc.excerpt !== undefined) {
      made.excerpt = Array.isArray(doc.excerpt) ? doc.excerpt : splits(doc.excerpt, words);
      return made;
    }
    (doc.sections || []).some(function (section) {
      made.excerpt = excerpt(section.text || '', words);
      if (made.excerpt.length === 0) return false;
      made.anchor = section.anchor || '';
      made.heading = section.heading || '';
      return true;
    });
    return made;
  }

  function answer(total, exact, hits, options, words) {
    var offset = options.offset || 0;
    return { total: total, exact: exact, checked: hits.length, more: offset + hits.length < total && hits.length > 0, hits: hits, by: 'text', terms: words };
  }

  // Counts of aggregations, each made without the choices of its own key, so that a second choice can be made.
  function counts(aggregations) {
    function of(key) {
      var found = aggregations[key] || {};
      return ((found.values || found).buckets || []).map(function (b) {
        return [b.key_as_string || String(b.key), b.doc_count];
      });
    }
    function named(e) {
      return [e[0], e[0], e[1]];
    }
    var years = of('year').map(function (e) {
      return [parseInt(e[0], 10), e[1]];
    }).sort(function (a, b) {
      return b[0] - a[0];
    });
    return { exact: true, kinds: of('kind').map(named), branches: of('branch').map(named), years: years, honours: of('honour').map(named) };
  }

  // ---------------------------------------------------------------- beilin serve

  function beilin(url) {
    function at(query, options) {
      var to = new URL(url, location.href);
      var filters = (options.filters || []).map(function (f) {
        return (f.not ? ' -' : ' ') + f.key + ':"' + f.value.replace(/"/g, '') + '"';
      });
      to.searchParams.set('q', query + filters.join(''));
      to.searchParams.set('limit', options.limit || 10);
      to.searchParams.set('offset', options.offset || 0);
      if (options.sort && options.sort !== 'relevance') to.searchParams.set('sort', options.sort);
      return to;
    }
    return {
      search: function (query, options) {
        return ask(at(query, options)).then(function (found) {
          var words = read(query).words;
          return answer(found.total, found.exact !== false, found.hits.map(function (doc) {
            return hit(Object.assign({ excerpt: '' }, doc), words, doc.score);
          }), options, words);
        });
      },
      facets: function () {
        return Promise.resolve(null);
      }
    };
  }

  // ---------------------------------------------------------------- Elasticsearch, OpenSearch

  function elastic(url) {
    function phrase(text, fields) {
      return { multi_match: { query: text, type: 'phrase', fields: fields || ['title^3'].concat(TEXTS.slice(1)) } };
    }

    function filter(f) {
      var field = FIELDS[f.key];
      var term = {};
      if (f.key === 'person') return phrase(f.value, ['people']);
      if (f.key === 'date') {
        var ends = range(f.value);
        term[field] = {};
        if (ends.from) term[field].gte = ends.from;
        if (ends.to) term[field].lte = ends.to;
        return { range: term };
      }
      if (f.isWhole || f.key === 'year') {
        term[field] = f.value;
        return { term: term };
      }
      term[field] = { value: '*' + f.value.replace(/[*?\\]/g, '\\$&') + '*', case_insensitive: true };
      return { wildcard: term };
    }

    function any(list) {
      return list.length === 1 ? list[0] : { bool: { should: list, minimum_should_match: 1 } };
    }

    function bool(asked) {
      var made = { must: [], must_not: [], filter: [] };
      asked.groups.forEach(function (group) {
        made.must.push(any(group.map(function (text) {
          return phrase(text);
        })));
      });
      asked.not.forEach(function (text) {
        made.must_not.push(phrase(text));
      });
      Object.keys(asked.filters).forEach(function (name) {
        made[name[0] === '-' ? 'must_not' : 'filter'].push(any(asked.filters[name].map(filter)));
      });
      return { bool: made };
    }

    function parts(text) {
      return text.split('\u0001').reduce(function (all, piece, i) {
        var halves = i ? piece.split('\u0002') : ['', piece];
        return all.concat([[halves[0], true], [halves[1] || '', false]]);
      }, []).filter(function (part) {
        return part[0];
      });
    }

    return {
      search: function (query, options) {
        var asked = read(query, options.filters);
        var body = { query: bool(asked), from: options.offset || 0, size: options.limit || 10, track_total_hits: true, _source: SOURCE,
          highlight: { pre_tags: ['\u0001'], post_tags: ['\u0002'], fields: { title: { number_of_fragments: 0 }, body: { fragment_size: 90, number_of_fragments: 1 } } } };
        if (options.sort && options.sort !== 'relevance') body.sort = [{ day: { order: options.sort === 'newest' ? 'desc' : 'asc' } }, '_score'];
        return ask(url, body).then(function (found) {
          var total = found.hits.total;
          var hits = found.hits.hits.map(function (h) {
            var made = hit(h._source, asked.words, h._score);
            var light = h.highlight || {};
            // What stands there in other characters or with marks between is found all the same; only the server
            // can tell where.
            if (light.title && made.titleParts.length < 2) made.titleParts = parts(light.title[0]);
            if (light.body && made.excerpt.length === 0) made.excerpt = parts(light.body[0]);
            return made;
          });
          return answer(total.value === undefined ? total : total.value, total.relation !== 'gte', hits, options, asked.words);
        });
      },
      facets: function (query, options) {
        var aggs = {};
        FACETS.forEach(function (key) {
          aggs[key] = { filter: bool(read(query, options.filters, key)), aggs: { values: { terms: { field: FIELDS[key], size: 100 } } } };
        });
        return ask(url, { size: 0, aggs: aggs }).then(function (found) {
          return counts(found.aggregations);
        });
      }
    };
  }

  // ---------------------------------------------------------------- Quickwit

  function quickwit(url) {
    function quoted(text) {
      return '"' + text.replace(/[\\"]/g, '\\$&') + '"';
    }

    // A date as the number that Quickwit sorts and cuts by.
    function day(date, rest) {
      var digits = (date || '').replace(/[^0-9]/g, '').slice(0, 8);
      return digits ? digits + '00000000'.replace(/0/g, rest).slice(digits.length) : '*';
    }

    function phrase(text) {
      return '(' + TEXTS.map(function (field) {
        return field + ':' + quoted(text);
      }).join(' OR ') + ')';
    }

    function filter(f) {
      var field = FIELDS[f.key];
      if (f.key === 'date') {
        var ends = range(f.value);
        return 'day:[' + day(ends.from, '0') + ' TO ' + day(ends.to, '9') + ']';
      }
      return field + ':' + (f.key === 'year' ? parseInt(f.value, 10) || 0 : quoted(f.value));
    }

    function write(asked) {
      var all = asked.groups.map(function (group) {
        return '(' + group.map(phrase).join(' OR ') + ')';
      });
      var without = asked.not.map(phrase);
      Object.keys(asked.filters).forEach(function (name) {
        var some = '(' + asked.filters[name].map(filter).join(' OR ') + ')';
        if (name[0] === '-') without.push(some);
        else all.push(some);
      });
      return (all.join(' AND ') || '*') + without.map(function (some) {
        return ' AND NOT ' + some;
      }).join('');
    }

    return {
      search: function (query, options) {
        var asked = read(query, options.filters);
        var to = new URL(url, location.href);
        to.searchParams.set('query', write(asked));
        to.searchParams.set('max_hits', options.limit || 10);
        to.searchParams.set('start_offset', options.offset || 0);
        // Falling, unless a minus says otherwise.
        to.searchParams.set('sort_by', { newest: 'day', oldest: '-day' }[options.sort] || '_score');
        return ask(to).then(function (found) {
          var hits = found.hits.map(function (doc) {
            return hit(doc, asked.words);
          });
          return answer(found.num_hits, true, hits, options, asked.words);
        });
      },
      facets: function (query, options) {
        // One question for each key: there are no filtered aggregations.
        return Promise.all(FACETS.map(function (key) {
          var aggs = {};
          aggs[key] = { terms: { field: FIELDS[key], size: 100 } };
          return ask(url, { query: write(read(query, options.filters, key)), max_hits: 0, aggs: aggs });
        })).then(function (all) {
          return counts(Object.assign.apply(null, [{}].concat(all.map(function (found) {
            return found.aggregations;
          }))));
        });
      }
    };
  }

  self.BeilinRemote = {
    open: function (endpoint) {
      var made = { beilin: beilin, elasticsearch: elastic, quickwit: quickwit }[endpoint.kind](endpoint.url);
      made.isApart = true;
      made.suggest = function () {
        return Promise.resolve(null);
      };
      return made;
    }
  };
})();
