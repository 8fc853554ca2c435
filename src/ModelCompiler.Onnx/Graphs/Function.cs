namespace ModelCompiler.Onnx;

/// <summary>A local function: a body that nodes call like an operator. Its attributes are parameters; a default makes one optional.</summary>
public sealed class Function
{
    /// <summary>A function of a body whose inputs and outputs are the parameters and results.</summary>
    public Function(string domain, string name, string overload, Graph body)
    {
        Domain = domain;
        Name = name;
        Overload = overload;
        Body = body;
    }

    public string Domain { get; }

    public string Name { get; }

    public string Overload { get; }

    /// <summary>The body. Its nodes may refer to attributes of the call by <see cref="NodeAttribute.Reference"/>.</summary>
    public Graph Body { get; }

    /// <summary>The operator sets that the body is written in.</summary>
    public SortedDictionary<string, long> Opsets { get; } = new(StringComparer.Ordinal);

    /// <summary>Attributes that a call must give.</summary>
    public List<string> RequiredAttributes { get; } = [];

    /// <summary>Attributes with defaults.</summary>
    public List<NodeAttribute> DefaultAttributes { get; } = [];

    internal object? Extras { get; set; }
}
