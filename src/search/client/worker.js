// The engine in a worker of its own, so that a page stays quick while it searches.
//
// {id, method, args} is answered by {id, result} or {id, error: {code, message}}, and while it goes on by
// {id, progress}; {cancel: id} stops it without an answer. The first method is `open`.
//
// Where the server asks for Trusted Types of workers too, the scripts beside this one are the only ones there are.
if (self.trustedTypes) {
  var policy = trustedTypes.createPolicy('beilin', {
    createScriptURL: function (url) {
      var whole = new URL(url, location.href);
      if (whole.href.indexOf(new URL('./', location.href).href) !== 0) throw new TypeError('not a script of the search');
      return whole.href;
    }
  });
  self.beilinScript = function (url) {
    return policy.createScriptURL(url);
  };
}
// Shipped with the engine in this place.
importScripts('engine.js');

var opening = null;
var going = {};

function run(id, method, args) {
  if (method === 'open') {
    opening = BeilinSearch.open(args[0]);
    return opening.then(function () {
      return true;
    });
  }
  if (!opening) throw new Error('the index is not open');
  if (!/^(search|suggest|facets|stats)$/.test(method)) throw new Error('no method ' + method);
  return opening.then(function (index) {
    if (method === 'stats') return index.stats;
    return index[method](args[0], Object.assign({}, args[1], {
      stop: function () {
        return !going[id];
      },
      onProgress: function (progress) {
        if (going[id]) postMessage({ id: id, progress: progress });
      }
    }));
  });
}

onmessage = function (event) {
  var asked = event.data;
  if (asked.cancel !== undefined) {
    delete going[asked.cancel];
    return;
  }
  going[asked.id] = true;
  function answer(message) {
    if (!going[asked.id]) return;
    delete going[asked.id];
    postMessage(Object.assign({ id: asked.id }, message));
  }
  Promise.resolve().then(function () {
    return run(asked.id, asked.method, asked.args || []);
  }).then(function (result) {
    answer({ result: result });
  }, function (error) {
    answer({ error: { code: error.code || '', message: String(error.message || error) } });
  });
};
