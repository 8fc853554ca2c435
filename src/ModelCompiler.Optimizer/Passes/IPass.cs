namespace ModelCompiler.Optimizer.Passes;

/// <summary>One graph → graph step. It edits the model of the context in place and records each change and each refusal there.</summary>
public interface IPass
{
    /// <summary>The name in reports and for <c>modelc bisect</c>: lower case, words joined by dashes.</summary>
    string Name { get; }

    /// <summary>
    /// Whether every value that is left has the type that it had, and every new one is given its own: types are then inferred anew at the end of
    /// the stage only.
    /// </summary>
    bool KeepsTypes => false;

    /// <summary>Applies the pass once; it must change nothing when it is applied again.</summary>
    void Apply(PassContext context);
}
