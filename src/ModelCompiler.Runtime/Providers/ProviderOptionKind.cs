namespace ModelCompiler.Runtime;

/// <summary>What kind of text an option of an execution provider takes.</summary>
public enum ProviderOptionKind
{
    /// <summary><c>0</c> or <c>1</c>; some providers spell them <c>false</c> and <c>true</c>.</summary>
    Switch,

    /// <summary>A whole number within a range.</summary>
    Number,

    /// <summary>One of a list of words.</summary>
    Choice,

    /// <summary>Any text: a path, a name, a list in the provider's own form.</summary>
    Text,
}
