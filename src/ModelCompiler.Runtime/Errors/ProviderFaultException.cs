using ModelCompiler.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>The execution provider failed, in this run or in one before: its answers can no longer be trusted, and there are none.</summary>
public sealed class ProviderFaultException : ModelCompilerException
{
    internal ProviderFaultException(ProviderFault fault, Exception? inner = null)
        : base(DiagnosticTable.ProviderFaulted.Id, TextOf(fault), inner) => Fault = fault;

    /// <summary>Which provider, and what it said.</summary>
    public ProviderFault Fault { get; }

    internal static string TextOf(ProviderFault fault) => DiagnosticTable.ProviderFaulted.Text(fault.Provider, fault.Reason.TrimEnd('.'));
}
