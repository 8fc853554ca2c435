using System.Globalization;

namespace ModelCompiler.Onnx;

/// <summary>The names in use in a model, so that new ones are unique in it, subgraphs included.</summary>
internal sealed class NameScope
{
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _next = new(StringComparer.Ordinal);

    /// <summary>The name itself if it is free, else one like it; in use from now on.</summary>
    public string Claim(string name)
    {
        if (_used.Add(name)) return name;
        string fresh = Fresh(name);
        _used.Add(fresh);
        return fresh;
    }

    /// <summary>A free name like <paramref name="hint"/>.</summary>
    public string Fresh(string hint)
    {
        if (!_used.Contains(hint)) return hint;
        // The counter is remembered per hint: without it, n values of one name cost n² look-ups.
        int counter = _next.GetValueOrDefault(hint, 1);
        string name;
        do name = string.Create(CultureInfo.InvariantCulture, $"{hint}_{counter++}"); while (_used.Contains(name));
        _next[hint] = counter;
        return name;
    }

    public void Release(string name) => _used.Remove(name);
}
