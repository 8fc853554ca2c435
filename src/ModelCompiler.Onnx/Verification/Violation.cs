namespace ModelCompiler.Onnx;

/// <summary>A rule of a well-formed model that is broken.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Where">The node, value or graph at which it is broken.</param>
/// <param name="Text">What is wrong there.</param>
public sealed record Violation(VerificationRule Rule, string Where, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Rule} at '{Where}': {Text}";
}

/// <summary>What must hold in every model, after every pass.</summary>
public enum VerificationRule
{
    /// <summary>A node stands after the nodes whose values it, or a subgraph in it, reads.</summary>
    TopologicalOrder,

    /// <summary>What is read is defined: by an input, an initializer or a node that is still in the graph.</summary>
    Dangling,

    /// <summary>A value is read only in its graph and in graphs inside it.</summary>
    Scope,

    /// <summary>A value is defined once, and knows by what.</summary>
    SingleDefinition,

    /// <summary>The uses that a value lists are the places that read it.</summary>
    Uses,

    /// <summary>A subgraph knows the node that holds it, and is held once.</summary>
    Subgraph,

    /// <summary>Main inputs and outputs have names of their own; no value is an output twice.</summary>
    Outputs,

    /// <summary>The type of a constant is that of its tensor.</summary>
    InitializerType,

    /// <summary>The operator set of a node's domain is imported, or the node calls a local function.</summary>
    Opset,

    /// <summary>The operator may still be used in the model's operator set.</summary>
    Deprecated,

    /// <summary>A node has as many inputs and outputs as its operator takes.</summary>
    Arity,

    /// <summary>A node has the attributes that its operator takes, of the right kinds.</summary>
    Attributes,

    /// <summary>What is declared of a value does not contradict what its operator computes.</summary>
    Type,
}
